package = "verifysms"
version = "1.0.0-1"
source = {
    -- A rock of the working tree: luarocks make in this folder.
    url = ".",
}
description = {
    summary = "Prove that a person owns a phone number by SMS, through libverifysms",
    license = "MIT OR Apache-2.0",
}
supported_platforms = { "unix" }
-- The FFI is LuaJIT's, which is Lua 5.1.
dependencies = { "lua == 5.1" }
build = {
    type = "builtin",
    modules = { verifysms = "verifysms.lua" },
}
