-- A chat request of about 2 KiB, for wrk.
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer " .. (os.getenv("GATEWAY_KEY") or "none")
wrk.body = '{"model":"bench","temperature":0.7,"messages":[{"role":"system","content":"' .. string.rep("You are helpful. ", 40)
  .. '"},{"role":"user","content":"' .. string.rep("lorem ipsum dolor ", 70) .. '"}]}'

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests": %d, "seconds": %.3f, "p50_us": %d, "p99_us": %d, "errors": %d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
