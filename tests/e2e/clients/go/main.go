// OpenAI's SDK for Go. Prints as check.py does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

var client = openai.NewClient(option.WithBaseURL(os.Getenv("GATEWAY_URL")), option.WithAPIKey(os.Getenv("GATEWAY_KEY")), option.WithMaxRetries(0))
var name = os.Getenv("CLIENT")

const said = "You said: hello there"

func asked(model string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hello there")}}
}

func expect(got, wanted string, err error) error {
	if err == nil && got != wanted {
		return fmt.Errorf("got %q", got)
	}
	return err
}

func text(model string, options ...option.RequestOption) (string, error) {
	answer, err := client.Chat.Completions.New(context.Background(), asked(model), options...)
	if err != nil {
		return "", err
	}
	return answer.Choices[0].Message.Content, nil
}

func chat() error {
	got, err := text("test")
	return expect(got, said, err)
}

func stream() error {
	events, got := client.Chat.Completions.NewStreaming(context.Background(), asked("test")), ""
	for events.Next() {
		got += events.Current().Choices[0].Delta.Content
	}
	return expect(got, said, events.Err())
}

func tools() error {
	params := asked("test")
	params.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
		Name: "weather", Parameters: openai.FunctionParameters{"type": "object", "properties": map[string]any{"city": map[string]string{"type": "string"}}}})}
	answer, err := client.Chat.Completions.New(context.Background(), params)
	if err != nil {
		return err
	}
	return expect(answer.Choices[0].Message.ToolCalls[0].Function.Arguments, `{"city":"Paris"}`, nil)
}

func structured() error {
	params := asked("test")
	schema := map[string]any{"type": "object", "properties": map[string]any{"name": map[string]string{"type": "string"}, "age": map[string]string{"type": "integer"}}}
	params.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &openai.ResponseFormatJSONSchemaParam{
		JSONSchema: openai.ResponseFormatJSONSchemaJSONSchemaParam{Name: "person", Schema: schema}}}
	answer, err := client.Chat.Completions.New(context.Background(), params)
	if err != nil {
		return err
	}
	var person struct {
		Name string
		Age  int
	}
	err = json.Unmarshal([]byte(answer.Choices[0].Message.Content), &person)
	return expect(fmt.Sprint(person), "{Ada 36}", err)
}

func embeddings() error {
	answer, err := client.Embeddings.New(context.Background(), openai.EmbeddingNewParams{
		Model: "test", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "two"}}})
	if err != nil {
		return err
	}
	return expect(fmt.Sprint(len(answer.Data), len(answer.Data[1].Embedding)), "2 8", nil)
}

func refusals() error {
	for _, each := range []struct {
		model  string
		status int
		option option.RequestOption
	}{{"test", 401, option.WithAPIKey("gk-wrong")}, {"status-404", 404, option.WithMaxRetries(0)}, {"limited-" + name, 429, option.WithMaxRetries(0)}} {
		_, err := text(each.model, each.option)
		var refused *openai.Error
		if !errors.As(err, &refused) || refused.StatusCode != each.status {
			return fmt.Errorf("%d wanted: %v", each.status, err)
		}
	}
	return nil
}

func retries() error {
	got, err := text("busy-"+name, option.WithMaxRetries(1))
	return expect(got, "well again", err)
}

func cancel() error {
	leaving, leave := context.WithCancel(context.Background())
	defer leave()
	events := client.Chat.Completions.NewStreaming(leaving, asked("slow-"+name))
	if !events.Next() {
		return events.Err()
	}
	return nil
}

func main() {
	found := map[string]string{}
	for name, feature := range map[string]func() error{"chat": chat, "stream": stream, "tools": tools, "structured": structured,
		"embeddings": embeddings, "errors": refusals, "retries": retries, "cancel": cancel} {
		found[name] = ""
		if err := feature(); err != nil {
			found[name] = err.Error()
		}
	}
	version := ""
	if built, ok := debug.ReadBuildInfo(); ok {
		for _, each := range built.Deps {
			if strings.HasPrefix(each.Path, "github.com/openai/") {
				version = strings.TrimPrefix(each.Version, "v")
			}
		}
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"version": version, "features": found})
}
