-- Sends the requests of a file in turn. Each is its length, a newline, and itself; @KEY@ becomes unique.
local requests, at, sent, name = {}, 0, 0, ""

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  name = arguments[2]
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
end

function request()
  at = at % #requests + 1
  sent = sent + 1
  local key = name .. sent
  return (requests[at]:gsub("@KEY@", function() return key end))
end

function done(summary, latency, _)
  local failed = summary.errors
  local bad = failed.connect + failed.read + failed.write + failed.status + failed.timeout
  io.write(string.format("\nRESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
