// A chat through the gateway in Kotlin, by InsForge's API: Ktor and kotlinx.serialization, as InsForge's SDK has them.
//
//   libraries: io.ktor:ktor-client-okhttp, org.jetbrains.kotlinx:kotlinx-serialization-json
//   GATEWAY_KEY=gk-... java -cp ... sample.ChatKt
package sample

import io.ktor.client.HttpClient
import io.ktor.client.engine.okhttp.OkHttp
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsText
import io.ktor.http.ContentType
import io.ktor.http.contentType
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.Serializable
import kotlinx.serialization.decodeFromString
import kotlinx.serialization.encodeToString
import kotlinx.serialization.json.Json

@Serializable data class Message(val role: String, val content: String)
@Serializable data class Question(val model: String, val messages: List<Message>)
@Serializable data class Answer(val content: String)

fun main() = runBlocking {
    val json = Json { ignoreUnknownKeys = true }
    val gateway = (System.getenv("GATEWAY_URL") ?: "http://127.0.0.1:8080").removeSuffix("/v1")
    val model = System.getenv("MODEL") ?: "simulated/echo"
    HttpClient(OkHttp).use { client ->
        val answer = client.post("$gateway/api/ai/chat/completion") {
            header("Authorization", "Bearer ${System.getenv("GATEWAY_KEY")}")
            contentType(ContentType.Application.Json)
            setBody(json.encodeToString(Question(model, listOf(Message("user", "Say hello to the gateway.")))))
        }
        println(json.decodeFromString<Answer>(answer.bodyAsText()).content)
    }
}
