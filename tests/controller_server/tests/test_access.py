# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may what: tokens, roles of both systems, organizations, users."""

from __future__ import annotations

import pytest

from tests.controller_server.process import Controller

from .conftest import Client, basic, bearer

FORBIDDEN = (403, {"detail": "You do not have permission to perform this action."})


def test_who_is_not_known(awx: Controller, admin: Client) -> None:
    login = " To establish a login session, visit /api/login/."
    nobody = (401, {"detail": "Authentication credentials were not provided." + login})
    assert admin.as_user(None).get("me/").said == nobody
    assert admin.as_user(bearer("x")).get("me/").said == nobody
    assert admin.as_user(basic("admin", "x")).get("me/").said == (401, {"detail": "Invalid username/password." + login})
    assert admin.as_user("Basic x").get("me/").status == 401
    assert admin.as_user(None).get("ping/").status == 200
    assert admin.as_user(basic("admin", awx.admin_password)).names("me/") == ["admin"]


def test_a_token_belongs_to_who_asks_for_it(awx: Controller, admin: Client, member: Client) -> None:
    service = admin.find("users", "refresher")["id"]
    for path in (f"users/{service}/personal_tokens/", f"users/{service}/tokens/", "tokens/"):
        made = admin.post(path, scope="write", user=service)
        assert (made.status, made.body["user"]) == (201, 1)
        assert admin.as_user(bearer(made.body["token"])).names("me/") == ["admin"]
    own = member.post(f"users/{service}/personal_tokens/", scope="write")
    assert own.body["user"] == service
    assert member.as_user(bearer(own.body["token"])).names("me/") == ["refresher"]
    assert own.body["expires"] > "3000"
    assert own.body["token"] not in member.get(own.body["url"]).text
    assert member.delete(own.body["url"]).status == 204
    assert member.as_user(bearer(own.body["token"])).get("me/").status == 401


def test_a_token_that_only_reads(admin: Client) -> None:
    token = admin.post("tokens/", scope="read").body["token"]
    reader = admin.as_user(bearer(token))
    url = reader.find("credentials", "App")["url"]
    assert reader.patch(url, description="x").said == FORBIDDEN
    assert admin.post("tokens/", scope="all").status == 400


def test_without_a_role(admin: Client, member: Client) -> None:
    url = admin.find("credentials", "App")["url"]
    assert member.names("credentials/", name="App") == []
    assert member.get(url).said == FORBIDDEN
    assert member.patch(url, description="x").said == FORBIDDEN
    assert member.get("credentials/999/").said == (404, {"detail": "Not found."})
    assert member.names("organizations/") == ["Webex"]
    assert "Webex Service App" in member.names("credential_types/")


def test_the_role_admin_on_a_credential(awx: Controller, admin: Client, member: Client) -> None:
    """The least that a service user needs with the old role system: a member with this role, and no other credential."""
    found = admin.find("credentials", "App")
    role = found["summary_fields"]["object_roles"]["admin_role"]["id"]
    service = admin.find("users", "refresher")["id"]
    assert admin.post(f"users/{service}/roles/", id=role).status == 204
    assert member.patch(found["url"], inputs=found["inputs"]).status == 200
    awx.add("credentials", "Other", organization="Webex", credential_type="Webex Service App")
    assert member.patch(admin.find("credentials", "Other")["url"], description="x").said == FORBIDDEN
    assert member.patch(found["url"], organization=1).said == FORBIDDEN
    assert admin.names(f"roles/{role}/users/") == ["refresher"]
    assert admin.post(f"roles/{role}/users/", id=service, disassociate=True).status == 204
    assert member.get(found["url"]).said == FORBIDDEN


def test_the_old_roles_want_a_member(awx: Controller, admin: Client) -> None:
    stranger = awx.add_user("stranger")["id"]
    role = admin.find("credentials", "App")["summary_fields"]["object_roles"]["admin_role"]["id"]
    why = "You cannot grant credential access to a user not in the credentials' organization"
    assert admin.post(f"users/{stranger}/roles/", id=role).said == (400, {"msg": why})


def test_the_new_roles_want_an_administrator_or_a_team(awx: Controller, admin: Client, member: Client) -> None:
    found = admin.find("credentials", "App")
    service, place = admin.find("users", "refresher")["id"], admin.find("organizations", "Webex")["id"]
    permissions = ["awx.view_credential", "awx.change_credential"]
    definition = admin.post(
        "role_definitions/", name="Write", content_type="awx.credential", permissions=permissions
    ).body
    assert definition["permissions"] == ["awx.change_credential", "awx.view_credential"]
    role = {"role_definition": definition["id"], "object_id": found["id"]}
    why = "You cannot grant credential access to a User not in the credentials' organization"
    assert admin.post("role_user_assignments/", **role, user=service).said == (400, {"detail": [why]})
    team = admin.post("teams/", name="Refreshers", organization=place).body
    assert admin.post(f"teams/{team['id']}/users/", id=service).status == 204
    assigned = admin.post("role_team_assignments/", **role, team=team["id"])
    assert (assigned.status, assigned.body["object_id"]) == (201, str(found["id"]))
    assert member.patch(found["url"], inputs=found["inputs"]).status == 200
    # They write it, and cannot use it.
    project = awx.add("projects", "P", organization="Webex")
    inventory = awx.add("inventories", "I", organization="Webex")
    roles = {"admin_role": ["refresher"]}
    awx.add("job_templates", "J", project="P", inventory="I", organization="Webex", playbook="a.yml", roles=roles)
    template = member.find("job_templates", "J")
    assert (template["project"], template["inventory"]) == (project, inventory)
    assert member.post(f"{template['url']}credentials/", id=found["id"]).said == FORBIDDEN
    assert admin.post(f"{template['url']}credentials/", id=found["id"]).status == 204
    assert admin.delete(assigned.body["url"]).status == 204
    assert member.patch(found["url"], inputs=found["inputs"]).said == FORBIDDEN
    admin.post("role_team_assignments/", **role, team=team["id"])
    assert member.delete(found["url"]).status == 204
    assert awx.state()["role_team_assignments"] == []


@pytest.mark.parametrize(
    ("permissions", "why"),
    [
        (["awx.change_credential"], "Permissions for model credential needs to include view, got: change_credential"),
        (["awx.view_project"], 'Permissions "view_project" are not valid for credential roles'),
    ],
)
def test_refused_role_definitions(admin: Client, permissions: list[str], why: str) -> None:
    answer = admin.post("role_definitions/", name="x", content_type="awx.credential", permissions=permissions)
    assert answer.said == (400, {"permissions": [why]})


def test_managed_role_definitions(admin: Client) -> None:
    found = admin.find("role_definitions", "Credential Admin")
    assert found["managed"]
    assert admin.delete(found["url"]).status in (400, 403)
    assert admin.patch(found["url"], name="x").status == 400


def test_an_administrator_of_an_organization(awx: Controller, admin: Client, owner: Client) -> None:
    place = admin.find("organizations", "Webex")
    type_ = admin.find("credential_types", "Webex Service App")["id"]
    assert owner.post("credentials/", name="x", organization=place["id"], credential_type=type_).status == 201
    assert owner.post("projects/", name="x", organization=place["id"]).status == 201
    assert owner.post("teams/", name="x", organization=place["id"]).status == 201
    assert owner.post("execution_environments/", name="x", organization=place["id"], image="i").status == 201
    assert owner.post("execution_environments/", name="y", image="i").said == FORBIDDEN
    assert owner.post("credentials/", name="x", organization=1, credential_type=type_).said == FORBIDDEN
    assert owner.post("credential_types/", name="x", kind="cloud").said == FORBIDDEN
    definition = {"name": "x", "content_type": "awx.credential", "permissions": ["awx.view_credential"]}
    assert owner.post("role_definitions/", **definition).said == FORBIDDEN
    assert owner.post("organizations/", name="x").said == FORBIDDEN
    team, app = admin.find("teams", "x")["id"], admin.find("credentials", "App")["id"]
    use = {"role_definition": admin.find("role_definitions", "Credential Use")["id"], "object_id": app}
    assert owner.post("role_team_assignments/", **use, team=team).status == 201
    assert owner.as_user(bearer(awx.add_user("x")["token"])).post("role_team_assignments/", **use, team=team).body == {
        "object_id": [f'Invalid pk "{app}" - object does not exist.']
    }
    new = {"username": "new", "password": "sesame"}
    assert owner.post("users/", **new).said == FORBIDDEN
    assert owner.post(f"{place['url']}users/", **new).status == 201
    assert owner.post(f"{place['url']}users/", **{**new, "username": "boss"}, is_superuser=True).said == FORBIDDEN
    assert owner.names(f"{place['url']}users/") == ["new"]
    assert owner.as_user(basic("new", "sesame")).names("me/") == ["new"]


def test_users(awx: Controller, admin: Client, member: Client) -> None:
    new = {"username": "new", "password": "sesame"}
    assert admin.post("users/", username="new").body == {"password": ["Password required for new User."]}
    user = admin.post("users/", **new).body
    assert user["password"] == "$encrypted$"
    assert admin.post("users/", **new).body == {"username": ["User with this Username already exists."]}
    assert admin.patch(user["url"], password="$encrypted$", email="a@example.com").status == 200
    assert member.as_user(basic("new", "sesame")).get("me/").status == 200
    assert "sesame" not in f"{awx.journal()}{awx.state()}"
    assert admin.delete(admin.find("users", "admin")["url"]).said == FORBIDDEN
    assert admin.delete(user["url"]).status == 204
    assert "refresher" not in member.as_user(bearer(awx.add_user("stranger")["token"])).names("users/")


def test_what_goes_with_an_organization(awx: Controller, admin: Client) -> None:
    place = admin.find("organizations", "Webex")
    admin.post("teams/", name="x", organization=place["id"])
    admin.post("projects/", name="kept", organization=place["id"])
    assert admin.delete(place["url"]).status == 204
    state = awx.state()
    assert state["teams"] == []
    assert [credential["name"] for credential in state["credentials"]] == ["Ansible Galaxy"]
    assert [(project["name"], project["organization"]) for project in state["projects"]] == [("kept", None)]
