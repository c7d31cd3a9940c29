# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The KV version 2 engine, through hvac and through plain HTTP."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import hvac
import pytest

from tests.vault_server.process import VaultServer

from .conftest import Answer, Client

MISMATCH = "check-and-set parameter did not match the current version"
REQUIRED = "check-and-set parameter required for this call"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


# -- plain HTTP ----------------------------------------------------------------------------------------------------


def test_write_and_read(root: Client) -> None:
    written = root.put("secret/data/app/one", {"b": "x", "a": {"n": [1, None, True]}})
    assert written.status == 200
    assert list(written.body) == [
        "request_id",
        "lease_id",
        "renewable",
        "lease_duration",
        "data",
        "wrap_info",
        "warnings",
        "auth",
    ]
    assert TIME.fullmatch(written.data["created_time"])
    assert {**written.data, "created_time": ""} == {
        "created_time": "",
        "custom_metadata": None,
        "deletion_time": "",
        "destroyed": False,
        "version": 1,
    }
    found = root.get("secret/data/app/one")
    assert found.data == {"data": {"a": {"n": [1, None, True]}, "b": "x"}, "metadata": written.data}
    assert found.headers["Content-Type"] == "application/json"
    assert root.get("kv/data/app/one").error == (404, [])


def test_versions(root: Client) -> None:
    for each in range(12):
        assert root.put("secret/data/x", {"n": each}).data["version"] == each + 1
    assert root.get("secret/data/x").data["data"] == {"n": 11}
    assert root.get("secret/data/x?version=0").data["data"] == {"n": 11}
    assert root.get("secret/data/x?version=3").data["data"] == {"n": 2}
    assert root.get("secret/data/x?version=2").error == (404, [])
    assert root.get("secret/data/x?version=13").error == (404, [])
    assert root.get("secret/data/x?version=y").status == 400
    metadata = root.get("secret/metadata/x").data
    assert (metadata["oldest_version"], metadata["current_version"]) == (3, 12)
    assert list(metadata["versions"]) == [str(each) for each in range(3, 13)]


def test_max_versions(root: Client) -> None:
    assert root.call("POST", "secret/metadata/x", {"max_versions": 2}).status == 204
    for each in range(4):
        root.put("secret/data/x", {"n": each})
    assert list(root.get("secret/metadata/x").data["versions"]) == ["3", "4"]
    root.call("POST", "secret/config", {"max_versions": 3})  # the larger one counts
    root.put("secret/data/x", {"n": 4})
    assert list(root.get("secret/metadata/x").data["versions"]) == ["3", "4", "5"]


def test_cas(root: Client) -> None:
    assert root.put("secret/data/x", {}, cas=1).error == (400, [MISMATCH])
    assert root.put("secret/data/x", {}, cas=0).status == 200
    assert root.put("secret/data/x", {}, cas=0).error == (400, [MISMATCH])
    assert root.put("secret/data/x", {}, cas="1").data["version"] == 2
    assert root.put("secret/data/x", {}, cas=1).error == (400, [MISMATCH])
    assert root.put("secret/data/x", {}, cas=-1).error == (400, [MISMATCH])
    assert root.put("secret/data/x", {}, cas="two").error == (400, ["error parsing check-and-set parameter"])
    assert root.put("secret/data/x", {}).data["version"] == 3
    # A deleted version is still the current one.
    root.call("DELETE", "secret/data/x")
    assert root.put("secret/data/x", {}, cas=0).error == (400, [MISMATCH])
    assert root.put("secret/data/x", {}, cas=3).data["version"] == 4


def test_cas_required_by_the_secret(root: Client) -> None:
    root.call("POST", "secret/metadata/x", {"cas_required": True})
    assert root.get("secret/data/x").error == (404, [])
    assert root.put("secret/data/x", {}).error == (400, [REQUIRED])
    assert root.put("secret/data/x", {}, cas=0).status == 200
    assert root.put("secret/data/other", {}).status == 200


def test_cas_required_by_the_mount(root: Client) -> None:
    assert root.call("POST", "secret/config", {"cas_required": True}).status == 204
    assert root.get("secret/config").data == {
        "cas_required": True,
        "delete_version_after": "0s",
        "max_versions": 0,
    }
    assert root.put("secret/data/x", {}).error == (400, [REQUIRED])
    assert root.put("kv/data/x", {}).status == 200
    warned = root.call("POST", "secret/metadata/x", {"cas_required": False})
    assert warned.status == 200
    assert "mandated by backend config" in warned.body["warnings"][0]


def gone(answer: Answer, version: int, destroyed: bool) -> None:
    """A 404 that tells the metadata."""
    assert answer.status == 404
    assert answer.data["data"] is None
    metadata = answer.data["metadata"]
    assert (metadata["version"], metadata["destroyed"]) == (version, destroyed)
    assert sorted(metadata) == ["created_time", "custom_metadata", "deletion_time", "destroyed", "version"]
    assert bool(TIME.fullmatch(metadata["deletion_time"])) is not destroyed
    assert "errors" not in answer.body


def test_delete_and_undelete(root: Client) -> None:
    root.put("secret/data/x", {"n": 1})
    root.put("secret/data/x", {"n": 2})
    assert root.call("DELETE", "secret/data/x").status == 204
    assert root.call("DELETE", "secret/data/nothing").status == 204
    gone(root.get("secret/data/x"), 2, destroyed=False)
    assert root.get("secret/data/x?version=1").data["data"] == {"n": 1}
    assert root.call("POST", "secret/delete/x", {"versions": [1, 9]}).status == 204
    gone(root.get("secret/data/x?version=1"), 1, destroyed=False)
    assert root.call("POST", "secret/undelete/x", {"versions": "1,2"}).status == 204
    assert root.get("secret/data/x").data["data"] == {"n": 2}
    assert root.get("secret/data/x").data["metadata"]["deletion_time"] == ""
    assert root.call("POST", "secret/delete/x", {}).error == (400, ["No version number provided"])
    assert root.call("POST", "secret/undelete/x", {"versions": []}).error == (400, ["No version number provided"])


def test_destroy(root: Client) -> None:
    root.put("secret/data/x", {"n": 1})
    assert root.call("PUT", "secret/destroy/x", {"versions": [1]}).status == 204
    gone(root.get("secret/data/x"), 1, destroyed=True)
    root.call("POST", "secret/undelete/x", {"versions": [1]})
    gone(root.get("secret/data/x"), 1, destroyed=True)
    assert root.call("POST", "secret/destroy/x", {}).error == (400, ["no version number provided"])
    assert root.put("secret/data/x", {"n": 2}, cas=1).data["version"] == 2


def test_metadata(root: Client) -> None:
    assert root.get("secret/metadata/x").error == (404, [])
    root.call(
        "POST", "secret/metadata/x", {"custom_metadata": {"owner": "me", "n": 1}, "delete_version_after": "3h25m19s"}
    )
    metadata = root.get("secret/metadata/x").data
    assert (metadata["current_version"], metadata["oldest_version"], metadata["versions"]) == (0, 0, {})
    assert metadata["delete_version_after"] == "3h25m19s"
    assert root.put("secret/data/x", {}, cas=0).data["custom_metadata"] == {"owner": "me", "n": "1"}
    assert root.get("secret/data/x").data["metadata"]["custom_metadata"] == {"owner": "me", "n": "1"}
    assert sorted(root.get("secret/metadata/x").data) == [
        "cas_required",
        "created_time",
        "current_version",
        "custom_metadata",
        "delete_version_after",
        "max_versions",
        "oldest_version",
        "updated_time",
        "versions",
    ]
    assert root.call("DELETE", "secret/metadata/x").status == 204
    assert root.get("secret/data/x").error == (404, [])
    assert root.put("secret/data/x", {}).data["version"] == 1
    refusals: tuple[dict[str, Any], ...] = (
        {"": "x"},
        {"x": ""},
        {"x": "y" * 513},
        {"x" * 129: "y"},
        {str(n): "x" for n in range(65)},
        {"x": {}},
    )
    for wrong in refusals:
        refused = root.call("POST", "secret/metadata/x", {"custom_metadata": wrong})
        assert (refused.status, "custom_metadata validation failed" in refused.body["errors"][0]) == (400, True)
    assert root.get("secret/metadata/x").data["custom_metadata"] is None


def test_delete_version_after(root: Client) -> None:
    root.call("POST", "secret/metadata/x", {"delete_version_after": "60s"})
    ends = root.put("secret/data/x", {"n": 1}).data["deletion_time"]
    assert TIME.fullmatch(ends)
    assert root.get("secret/data/x").status == 200
    root.server.configure(clock_offset=61)
    gone(root.get("secret/data/x"), 1, destroyed=False)
    for wrong in ("soon", -1):
        assert root.call("POST", "secret/metadata/x", {"delete_version_after": wrong}).status == 400


def test_list(root: Client) -> None:
    assert root.call("LIST", "secret/metadata/").error == (404, [])
    for path in ("b", "a/one", "a/two/three"):
        root.put(f"secret/data/{path}", {})
    assert root.call("LIST", "secret/metadata").data == {"keys": ["a/", "b"]}
    assert root.get("secret/metadata/a?list=true").data == {"keys": ["one", "two/"]}


def test_numbers_come_back_as_go_keeps_them(root: Client) -> None:
    root.put("secret/data/x", {"at": 1735689600.0, "half": 0.5, "big": 2**53 + 1})
    assert root.get("secret/data/x").text.count("1735689600.0") == 0
    assert root.get("secret/data/x").data["data"] == {"at": 1735689600, "half": 0.5, "big": 2**53}


def test_what_is_refused(root: Client) -> None:
    assert root.call("POST", "secret/data/x", {}).error == (400, ["no data provided"])
    assert root.call("POST", "secret/data/x").error == (400, ["no data provided"])
    for body in ({"data": "text"}, {"data": {}, "options": 1}, b"{", b"[]", b'{"data": {"x": NaN}}'):
        assert root.call("POST", "secret/data/x", body).status == 400
    assert root.get("secret/delete/x").error == (405, ["1 error occurred:\n\t* unsupported operation\n\n"])
    old = root.get("secret/x")  # the path of version 1
    assert (old.status, old.data) == (404, None)
    assert "Invalid path for a versioned K/V secrets engine" in old.body["warnings"][0]
    assert root.get("nowhere/data/x").error == (
        404,
        ['no handler for route "nowhere/data/x". route entry not found.'],
    )


def test_one_of_fifty_wins(root: Client) -> None:
    root.put("secret/data/x", {"winner": None})
    barrier, answers = threading.Barrier(50), []

    def write(each: int) -> None:
        barrier.wait()
        answers.append((root.put("secret/data/x", {"winner": each}, cas=1), each))

    root.server.configure(latency_ms=5)
    threads = [threading.Thread(target=write, args=[each]) for each in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [each for answer, each in answers if answer.status == 200]
    assert len(winners) == 1
    assert [answer.error for answer, _each in answers if answer.status != 200] == [(400, [MISMATCH])] * 49
    found = root.get("secret/data/x").data
    assert (found["data"], found["metadata"]["version"]) == ({"winner": winners[0]}, 2)


# -- hvac ----------------------------------------------------------------------------------------------------------


def read(vault: Any, path: str, **options: Any) -> Any:
    """The data of a secret."""
    answer = vault.secrets.kv.v2.read_secret_version(path, raise_on_deleted_version=True, **options)
    return answer["data"]["data"]


def test_hvac_versions(vault: Any) -> None:
    kv = vault.secrets.kv.v2
    assert kv.create_or_update_secret("app/one", {"n": 1}, cas=0)["data"]["version"] == 1
    assert kv.create_or_update_secret("app/one", {"n": 2}, cas=1)["data"]["version"] == 2
    assert read(vault, "app/one") == {"n": 2}
    assert read(vault, "app/one", version=1) == {"n": 1}
    with pytest.raises(hvac.exceptions.InvalidRequest, match=MISMATCH):
        kv.create_or_update_secret("app/one", {"n": 3}, cas=1)
    with pytest.raises(hvac.exceptions.InvalidPath) as caught:
        kv.read_secret_version("nothing", raise_on_deleted_version=True)
    assert caught.value.errors == []
    assert kv.patch("app/one", {"m": 5})["data"]["version"] == 3
    assert read(vault, "app/one") == {"n": 2, "m": 5}
    assert kv.list_secrets("app")["data"]["keys"] == ["one"]


def test_hvac_deletion(vault: Any) -> None:
    kv = vault.secrets.kv.v2
    kv.create_or_update_secret("x", {"n": 1})
    kv.delete_latest_version_of_secret("x")
    with pytest.raises(hvac.exceptions.InvalidPath) as caught:
        kv.read_secret_version("x", raise_on_deleted_version=True)
    assert caught.value.json["data"]["metadata"]["version"] == 1
    deleted = kv.read_secret_version("x", raise_on_deleted_version=False)
    assert deleted["data"]["data"] is None
    assert deleted["data"]["metadata"]["deletion_time"]
    kv.undelete_secret_versions("x", [1])
    assert read(vault, "x") == {"n": 1}
    kv.delete_secret_versions("x", [1])
    kv.undelete_secret_versions("x", [1])
    kv.destroy_secret_versions("x", [1])
    with pytest.raises(hvac.exceptions.InvalidPath) as caught:  # hvac spares versions with a deletion time alone
        kv.read_secret_version("x", raise_on_deleted_version=False)
    assert caught.value.json["data"]["metadata"]["destroyed"] is True
    kv.delete_metadata_and_all_versions("x")
    with pytest.raises(hvac.exceptions.InvalidPath):
        kv.read_secret_metadata("x")


def test_hvac_metadata(vault: Any) -> None:
    kv = vault.secrets.kv.v2
    kv.configure(max_versions=5, cas_required=False, mount_point="kv")
    assert kv.read_configuration(mount_point="kv")["data"]["max_versions"] == 5
    kv.update_metadata("x", max_versions=3, cas_required=True, custom_metadata={"a": "b"}, delete_version_after="30m")
    data = kv.read_secret_metadata("x")["data"]
    assert (data["max_versions"], data["cas_required"]) == (3, True)
    assert (data["custom_metadata"], data["delete_version_after"]) == ({"a": "b"}, "30m0s")
    with pytest.raises(hvac.exceptions.InvalidRequest, match=REQUIRED):
        kv.create_or_update_secret("x", {})


def test_hvac_mounts_and_namespaces(server: VaultServer, vault: Any) -> None:
    server.mount("team/kv", "kv")
    vault.secrets.kv.v2.create_or_update_secret("x", {"in": "team"}, mount_point="team/kv")
    assert read(vault, "x", mount_point="team/kv") == {"in": "team"}
    inner = hvac.Client(url=server.url, token=server.root_token, namespace="team-a")
    inner.secrets.kv.v2.create_or_update_secret("x", {"in": "a"})
    assert read(inner, "x") == {"in": "a"}
    with pytest.raises(hvac.exceptions.InvalidPath):
        read(vault, "x")


def test_time_goes_on(root: Client) -> None:
    first = root.put("secret/data/x", {}).data["created_time"]
    time.sleep(0.01)
    root.put("secret/data/x", {})
    metadata = root.get("secret/metadata/x").data
    assert metadata["created_time"] == first < metadata["updated_time"]
