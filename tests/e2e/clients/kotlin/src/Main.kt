// What InsForge's SDK for Kotlin reads, by data classes whose members are all required: one that is missing, null or of
// another type throws. Documents may have more members; events and errors may not. Prints one line of JSON.
package check

import io.ktor.client.HttpClient
import io.ktor.client.engine.okhttp.OkHttp
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.preparePost
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.http.ContentType
import io.ktor.http.contentType
import io.ktor.utils.io.readUTF8Line
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.SerializationException
import kotlinx.serialization.Serializable
import kotlinx.serialization.decodeFromString
import kotlinx.serialization.encodeToString
import kotlinx.serialization.json.Json

@Serializable data class Usage(val promptTokens: Int, val completionTokens: Int, val totalTokens: Int)
@Serializable data class Metadata(val model: String, val usage: Usage)
@Serializable data class Chat(val success: Boolean, val content: String, val metadata: Metadata)
@Serializable data class ImageUrl(val url: String)
@Serializable data class Image(val type: String, val image_url: ImageUrl)
@Serializable data class Images(val model: String, val images: List<Image>, val count: Int, val metadata: Metadata, val nextActions: String)
@Serializable data class Model(val id: String, val modelId: String, val provider: String, val inputModality: List<String>,
                               val outputModality: List<String>, val priceLevel: Int)
@Serializable data class Delta(val content: String)
@Serializable data class Choice(val delta: Delta)
@Serializable data class Event(val choices: List<Choice>)
@Serializable data class Failure(val error: String, val message: String, val statusCode: Int, val nextActions: String?)

val documents = Json { ignoreUnknownKeys = true }
val strict = Json
val client = HttpClient(OkHttp)
val address: String = System.getenv("GATEWAY_URL").removeSuffix("/v1") + "/api/ai"
val key: String = System.getenv("GATEWAY_KEY")

suspend fun ask(path: String, body: String): Pair<Int, String> =
    client.preparePost("$address/$path") {
        header("Authorization", "Bearer $key")
        header("Accept", "application/json")
        header("User-Agent", "InsForge-Kotlin/0.1.6")
        contentType(ContentType.Application.Json)
        setBody(body)
    }.execute { it.status.value to it.bodyAsText() }

fun asked(model: String, more: String = "") = """
    {
        "model": "$model",
        "messages": [ { "role": "user", "content": "hello there" } ]$more
    }
"""

suspend fun stream(): String {
    var text = ""
    client.preparePost("$address/chat/completion") {
        header("Authorization", "Bearer $key")
        header("Accept", "application/json")
        header("User-Agent", "InsForge-Kotlin/0.1.6")
        contentType(ContentType.Application.Json)
        setBody(asked("test", ", \"stream\": true"))
    }.execute { answer ->
        val lines = answer.bodyAsChannel()
        while (true) {
            val line = lines.readUTF8Line() ?: break
            if (!line.startsWith("data: ") || line == "data: [DONE]") continue
            try {
                text += strict.decodeFromString<Event>(line.removePrefix("data: ")).choices[0].delta.content
            } catch (other: SerializationException) {
                continue // an event that is for others
            }
        }
    }
    return text
}

fun main() = runBlocking {
    val found = linkedMapOf<String, String>()
    suspend fun feature(name: String, run: suspend () -> String) {
        found[name] = try { run() } catch (error: Throwable) { "FAILS: $error" }
    }
    feature("chat") { documents.decodeFromString<Chat>(ask("chat/completion", asked("test", ", \"systemPrompt\": \"Be brief\"")).second).content }
    feature("stream") { stream() }
    feature("images") {
        val images = documents.decodeFromString<Images>(ask("image/generation", """{"model":"painter","prompt":"a cat"}""").second)
        "${images.count} ${images.images[0].image_url.url}"
    }
    feature("models") {
        val text = client.get("$address/models") { header("Authorization", "Bearer $key") }.bodyAsText()
        documents.decodeFromString<List<Model>>(text).map { it.modelId }.sorted().joinToString(" ")
    }
    feature("error") {
        val (status, text) = ask("chat/completion", asked("no-such"))
        val failure = strict.decodeFromString<Failure>(text)
        "$status ${failure.statusCode} ${failure.error}"
    }
    println(strict.encodeToString(found as Map<String, String>))
    client.close()
}
