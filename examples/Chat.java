// A chat through the gateway with OpenAI's library for Java: only the base URL and the key are different.
//
//   library: com.openai:openai-java
//   GATEWAY_KEY=gk-... java -cp 'lib/*' Chat.java
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

class Chat {
  static String setting(String name, String usual) {
    String value = System.getenv(name);
    return value == null ? usual : value;
  }

  public static void main(String[] arguments) {
    OpenAIClient client = OpenAIOkHttpClient.builder()
        .baseUrl(setting("GATEWAY_URL", "http://127.0.0.1:8080/v1"))
        .apiKey(System.getenv("GATEWAY_KEY"))
        .build();
    var question = ChatCompletionCreateParams.builder()
        .model(setting("MODEL", "simulated/echo"))
        .addUserMessage("Say hello to the gateway.")
        .build();
    System.out.println(client.chat().completions().create(question).choices().get(0).message().content().orElse(""));
    try (var stream = client.chat().completions().createStreaming(question)) {
      stream.stream().forEach(chunk -> chunk.choices().forEach(choice -> choice.delta().content().ifPresent(System.out::print)));
    }
    System.out.println();
    client.close();
  }
}
