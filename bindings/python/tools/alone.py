"""Shows that the package works in an environment with no other package."""

import importlib.metadata

import verifysms
from verifysms.testing import Sandbox

installed = {distribution.name for distribution in importlib.metadata.distributions()}
assert installed == {"verifysms"}, installed
with Sandbox() as sandbox, sandbox.client() as client:
    client.send("050-123-4567")
    assert client.check("050-123-4567", sandbox.code("0501234567"))
print("works alone:", verifysms.__file__)
