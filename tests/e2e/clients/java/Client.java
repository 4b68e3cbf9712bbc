// OpenAI's SDK for Java. Prints as check.py does.
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionTool;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public class Client {
  static final String URL = System.getenv("GATEWAY_URL"), KEY = System.getenv("GATEWAY_KEY"), NAME = System.getenv("CLIENT");
  static final String SAID = "You said: hello there";

  interface Feature {
    void run() throws Exception;
  }

  static OpenAIClient client(String key, int retries) {
    return OpenAIOkHttpClient.builder().baseUrl(URL).apiKey(key).maxRetries(retries).build();
  }

  static ChatCompletionCreateParams.Builder asked(String model) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage("hello there");
  }

  static String text(OpenAIClient by, ChatCompletionCreateParams params) {
    return by.chat().completions().create(params).choices().get(0).message().content().orElse("");
  }

  static void expect(Object got, Object wanted) {
    if (!wanted.equals(got)) throw new AssertionError("got " + got + ", wanted " + wanted);
  }

  static void refused(String key, String model, int status) {
    try {
      text(client(key, 0), asked(model).build());
    } catch (OpenAIServiceException error) {
      expect(error.statusCode(), status);
      return;
    }
    throw new AssertionError("no " + status);
  }

  static Map<String, Object> object(Map<String, Object> properties) {
    return Map.of("type", "object", "properties", properties);
  }

  static void tools() {
    FunctionParameters.Builder parameters = FunctionParameters.builder();
    object(Map.of("city", Map.of("type", "string"))).forEach((name, value) -> parameters.putAdditionalProperty(name, JsonValue.from(value)));
    FunctionDefinition weather = FunctionDefinition.builder().name("weather").parameters(parameters.build()).build();
    var params = asked("test").addTool(ChatCompletionTool.ofFunction(ChatCompletionFunctionTool.builder().function(weather).build()));
    var calls = client(KEY, 0).chat().completions().create(params.build()).choices().get(0).message().toolCalls().get();
    expect(calls.get(0).asFunction().function().arguments(), "{\"city\":\"Paris\"}");
  }

  static void structured() throws Exception {
    ResponseFormatJsonSchema.JsonSchema.Schema.Builder schema = ResponseFormatJsonSchema.JsonSchema.Schema.builder();
    object(Map.of("name", Map.of("type", "string"), "age", Map.of("type", "integer")))
        .forEach((name, value) -> schema.putAdditionalProperty(name, JsonValue.from(value)));
    var format = ResponseFormatJsonSchema.builder().jsonSchema(
        ResponseFormatJsonSchema.JsonSchema.builder().name("person").schema(schema.build()).build()).build();
    String person = text(client(KEY, 0), asked("test").responseFormat(format).build());
    var read = new com.fasterxml.jackson.databind.ObjectMapper().readTree(person);
    expect(read.get("name").asText() + " " + read.get("age").asInt(), "Ada 36");
  }

  static void stream() {
    StringBuilder heard = new StringBuilder();
    try (var events = client(KEY, 0).chat().completions().createStreaming(asked("test").build())) {
      events.stream().forEach(chunk -> chunk.choices().forEach(choice -> choice.delta().content().ifPresent(heard::append)));
    }
    expect(heard.toString(), SAID);
  }

  static void embeddings() {
    var params = EmbeddingCreateParams.builder().model("test").inputOfArrayOfStrings(List.of("one", "two")).build();
    var data = client(KEY, 0).embeddings().create(params).data();
    expect(data.size() + " " + data.get(1).embedding().size(), "2 8");
  }

  static void cancel() {
    try (var events = client(KEY, 0).chat().completions().createStreaming(asked("slow-" + NAME).build())) {
      events.stream().findFirst().orElseThrow();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, Feature> features = new LinkedHashMap<>();
    features.put("chat", () -> expect(text(client(KEY, 0), asked("test").build()), SAID));
    features.put("stream", Client::stream);
    features.put("tools", Client::tools);
    features.put("structured", Client::structured);
    features.put("embeddings", Client::embeddings);
    features.put("errors", () -> {
      refused("gk-wrong", "test", 401);
      refused(KEY, "status-404", 404);
      refused(KEY, "limited-" + NAME, 429);
    });
    features.put("retries", () -> expect(text(client(KEY, 1), asked("busy-" + NAME).build()), "well again"));
    features.put("cancel", Client::cancel);
    Map<String, String> found = new LinkedHashMap<>();
    for (var each : features.entrySet()) {
      try {
        each.getValue().run();
        found.put(each.getKey(), "");
      } catch (Throwable error) {
        found.put(each.getKey(), error.toString());
      }
    }
    String jar = OpenAIOkHttpClient.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    String version = jar.replaceAll(".*okhttp-([0-9.]+)\\.jar", "$1");
    System.out.println(new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(Map.of("version", version, "features", found)));
    System.exit(0);
  }
}
