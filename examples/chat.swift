// A chat through the gateway with InsForge's SDK for Swift: the gateway's address without /v1, its key in the anon key's
// place. Source alone: no test here compiles it, since the SDK streams on Apple's systems only. Streams come as one event
// (docs/http-api.md).
//
//   .package(url: "https://github.com/InsForge/insforge-swift", from: "0.0.10")
import Foundation
import InsForge
import InsForgeAI

let environment = ProcessInfo.processInfo.environment
let client = InsForgeClient(
    baseURL: URL(string: environment["GATEWAY_URL"] ?? "http://127.0.0.1:8080")!,
    anonKey: environment["GATEWAY_KEY"]!
)
let answer = try await client.ai.chatCompletion(
    model: environment["MODEL"] ?? "simulated/echo",
    messages: [ChatMessage(role: .user, content: "Say hello to the gateway.")]
)
print(answer.text)
