-- Pushes small blobs: begins uploads, and sends the bytes of the next one to whichever was begun; with "one" in a single
-- request each. Blobs come from a file of this thread, a line for each.
local threads, place, way, file = {}, nil, nil, nil
local begun = {}

function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
end

function init(arguments)
    place, way = arguments[1], arguments[3]
    file = assert(io.open(arguments[2] .. "/blobs-" .. number))
    pushed, refused = 0, 0
    wrk.headers["Content-Type"] = "application/octet-stream"
end

local function send(method, target)
    local line = file:read("*l")
    if not line then
        refused = refused + 1  -- there should have been more of them
        return wrk.format("GET", "/v2/")
    end
    local seed, digest = line:match("^(%S+) (%x+)$")
    local mark = target:find("?", 1, true) and "&" or "?"
    return wrk.format(method, target .. mark .. "digest=sha256:" .. digest, nil, seed .. string.rep("x", 4096 - #seed))
end

function request()
    if way == "one" then return send("POST", place .. "/blobs/uploads/") end
    local location = table.remove(begun)
    if location then return send("PUT", location) end
    return wrk.format("POST", place .. "/blobs/uploads/", nil, "")
end

function response(status, headers)
    if status == 202 then
        table.insert(begun, (headers["Location"]:gsub("^http://[^/]+", "")))
    elseif status == 201 then
        pushed = pushed + 1
    else
        refused = refused + 1
    end
end

function tell()
    local all, no = 0, 0
    for _, thread in ipairs(threads) do
        all, no = all + thread:get("pushed"), no + thread:get("refused")
    end
    return all .. " " .. no
end
