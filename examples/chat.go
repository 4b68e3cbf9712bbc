// A chat through the gateway with OpenAI's package for Go: only the base URL and the key are different.
//
//	go get github.com/openai/openai-go/v3
//	GATEWAY_KEY=gk-... go run chat.go
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

func setting(name, usual string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return usual
}

func main() {
	client := openai.NewClient(
		option.WithBaseURL(setting("GATEWAY_URL", "http://127.0.0.1:8080/v1")),
		option.WithAPIKey(os.Getenv("GATEWAY_KEY")),
	)
	question := openai.ChatCompletionNewParams{
		Model:    setting("MODEL", "simulated/echo"),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Say hello to the gateway.")},
	}
	answer, err := client.Chat.Completions.New(context.Background(), question)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Choices[0].Message.Content)

	stream := client.Chat.Completions.NewStreaming(context.Background(), question)
	for stream.Next() {
		if chunk := stream.Current(); len(chunk.Choices) > 0 {
			fmt.Print(chunk.Choices[0].Delta.Content)
		}
	}
	fmt.Println()
	if err := stream.Err(); err != nil {
		log.Fatal(err)
	}
}
