# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _playbooks
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._playbooks import Reading, read_playbook, read_role
from ansible_collections.collabops.webex.plugins.module_utils._scopes import SETTINGS

ROOT = pathlib.Path(__file__).resolve().parents[4]


@pytest.fixture(autouse=True)
def _nothing_installed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Roles and collections are only where a test puts them."""
    for name in ("ANSIBLE_ROLES_PATH", "ANSIBLE_COLLECTIONS_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "installed"))


@pytest.fixture
def site(tmp_path: pathlib.Path) -> t.Callable[..., Reading]:
    """Writes files by name, reads site.yml, and returns what was found."""

    def read(**files: str) -> Reading:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".yml").write_text(text, encoding="utf-8")
        return read_playbook(str(tmp_path / "site.yml"))

    return read


def used(reading: Reading) -> list[tuple[str, str]]:
    return [(use.module, use.where) for use in reading.uses]


def play(*tasks: str, **keywords: str) -> str:
    """A play with tasks, each a line of YAML in flow style."""
    words = [f"  {name}: {value}" for name, value in keywords.items()]
    return "\n".join(["- hosts: all", *words, "  tasks:", *(f"    - {task}" for task in tasks), ""])


INFO, USER = "collabops.webex.license_info: {}", "collabops.webex.calling_user: {email: a@example.com}"


def test_modules_are_found_by_their_full_name(site: t.Any) -> None:
    found = site(site=play(INFO, "ansible.builtin.debug: {msg: hello}", USER))
    assert used(found) == [("license_info", "site.yml"), ("calling_user", "site.yml")]
    assert found.uses[1].options == {"email"}
    assert found.unresolved == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (play("license_info:", collections="[collabops.webex]"), 1),
        (play("{license_info: {}, collections: [collabops.webex]}"), 1),
        (play("{block: [{license_info: {}}], collections: [collabops.webex]}"), 1),
        (play("license_info:"), 0),
        (play("license_info:", collections="[other.one]"), 0),
        (play("person_information:", collections="[collabops.webex]"), 0),
    ],
)
def test_a_short_name_counts_where_the_collection_is_listed(site: t.Any, text: str, count: int) -> None:
    assert len(site(site=text).uses) == count


@pytest.mark.parametrize(
    "task",
    [
        f"block: [{{{INFO}}}]",
        f"{{block: [{{debug: }}], rescue: [{{{INFO}}}]}}",
        f"{{block: [{{debug: }}], always: [{{block: [{{{INFO}}}]}}]}}",
        "action: collabops.webex.license_info license=x",
        "local_action: {module: collabops.webex.license_info, license: x}",
    ],
)
def test_modules_are_found_wherever_a_task_can_be(site: t.Any, task: str) -> None:
    assert used(site(site=play(task))) == [("license_info", "site.yml")]


@pytest.mark.parametrize("section", ["pre_tasks", "tasks", "post_tasks", "handlers"])
def test_every_section_of_a_play_is_read(site: t.Any, section: str) -> None:
    assert used(site(site=f"- hosts: all\n  {section}:\n    - {INFO}\n")) == [("license_info", "site.yml")]


@pytest.mark.parametrize(
    "include",
    [
        "include_tasks: more.yml",
        "ansible.builtin.include_tasks: more.yml",
        "ansible.builtin.import_tasks: {file: more.yml}",
        "ansible.legacy.import_tasks: more.yml",
    ],
)
def test_includes_are_followed(site: t.Any, include: str) -> None:
    assert used(site(site=play(include), more=f"- {INFO}\n")) == [("license_info", "more.yml")]


def test_includes_are_followed_from_their_own_folder_and_end(site: t.Any) -> None:
    found = site(
        site=play("include_tasks: sub/one.yml"),
        sub__one=f"- include_tasks: two.yml\n- {INFO}\n",
        sub__two=f"- include_tasks: one.yml\n- {USER}\n",
    )
    assert used(found) == [("calling_user", "sub/two.yml"), ("license_info", "sub/one.yml")]


def test_playbooks_are_followed_and_end(site: t.Any) -> None:
    found = site(site="- import_playbook: other.yml\n", other=f"- import_playbook: site.yml\n{play(INFO)}")
    assert used(found) == [("license_info", "other.yml")]


@pytest.mark.parametrize(
    "text",
    [
        "- hosts: all\n  roles: [onboarding]\n",
        "- hosts: all\n  roles: [{role: onboarding, vars: {x: 1}}]\n",
        "- hosts: all\n  roles: [{name: onboarding}]\n",
        play("include_role: {name: onboarding}"),
        play("ansible.builtin.import_role: {name: onboarding}"),
    ],
)
def test_roles_are_followed_with_handlers_and_dependencies(site: t.Any, text: str) -> None:
    found = site(
        site=text,
        roles__onboarding__tasks__main=f"- import_tasks: sub/a.yml\n- {INFO}\n",
        roles__onboarding__tasks__sub__a="- include_tasks: b.yml\n",
        roles__onboarding__tasks__b=f"- {USER}\n",
        roles__onboarding__handlers__main="- collabops.webex.person_info: {}\n",
        roles__onboarding__meta__main="dependencies: [base]\n",
        roles__base__tasks__main="- collabops.webex.token_info:\n",
    )
    assert {use.module for use in found.uses} == {"token_info", "calling_user", "license_info", "person_info"}
    assert found.unresolved == []


def test_a_role_may_begin_with_other_tasks(site: t.Any) -> None:
    found = site(
        site=play("include_role: {name: one, tasks_from: extra.yml}", "include_role: {name: one, tasks_from: none}"),
        roles__one__tasks__extra=f"- {INFO}\n",
        roles__one__tasks__main=f"- {USER}\n",
    )
    assert used(found) == [("license_info", "roles/one/tasks/extra.yml")]
    assert found.unresolved == ["roles/one: tasks_from none"]


@pytest.mark.parametrize(
    ("roles", "folder"),
    [
        ("[some.where.one]", "installed/ansible_collections/some/where/roles"),
        ("[one], collections: [some.where]", "installed/ansible_collections/some/where/roles"),
        ("[one]", "installed"),
        ("[one]", "."),
    ],
    ids=["collection", "listed collection", "installed", "beside the playbook"],
)
def test_roles_are_found_where_ansible_finds_them(site: t.Any, roles: str, folder: str) -> None:
    """A role that one depends on is found beside it, too."""
    names = {"one": "meta__main", "base": "tasks__main"}
    texts = {"one": "dependencies: [base]\n", "base": f"- {INFO}\n"}
    files = {f"{folder}/{name}/{rest}".replace("/", "__"): texts[name] for name, rest in names.items()}
    found = site(site=f"- {{hosts: all, roles: {roles}}}\n", **files)
    assert ([use.module for use in found.uses], found.unresolved) == (["license_info"], [])


@pytest.mark.parametrize("odd", ["just text", "{5: x}", "{action: 5}", "{action: {name: x}}", "{local_action: ''}"])
def test_what_is_no_task_does_no_harm(site: t.Any, odd: str) -> None:
    found = site(site=play(odd, INFO))
    assert (used(found), found.unresolved) == ([("license_info", "site.yml")], [])


def test_playbooks_of_collections_are_found_where_they_are_installed(site: t.Any) -> None:
    other = "installed__ansible_collections__some__where__playbooks__one"
    found = site(site="- import_playbook: some.where.one\n", **{other: play(INFO)})
    assert [use.module for use in found.uses] == ["license_info"]


def test_a_file_of_tasks_is_read_too(site: t.Any) -> None:
    assert used(site(site=f"- {INFO}\n")) == [("license_info", "site.yml")]


def test_tags_that_only_ansible_knows_do_no_harm(site: t.Any) -> None:
    text = play(
        "{collabops.webex.license_info: {}, vars: {secret: !vault x, raw: !unsafe '{{ y }}'}}",
        "collabops.webex.person_info: !unsafe x",
    )
    assert [use.module for use in site(site=text).uses] == ["license_info", "person_info"]


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("include_tasks: '{{ country }}.yml'", "include of {{ country }}.yml"),
        ("include_tasks: nowhere.yml", "include of nowhere.yml"),
        ("include_role: {name: '{{ role }}'}", "role {{ role }}"),
        ("include_role: {name: some.where.else}", "role some.where.else"),
        ("include_role: {name: one, tasks_from: '{{ x }}'}", "role one"),
        ("action: '{{ module }} x=1'", "action {{ module }} x=1"),
        ("collabops.webex.calling_usr: {}", "collabops.webex.calling_usr, which is no module"),
        ("include_tasks: broken.yml", "broken.yml: is not YAML, see line 2"),
        ("include_tasks: text.yml", "text.yml: is not a list"),
    ],
)
def test_what_cannot_be_followed_is_told(site: t.Any, task: str, words: str) -> None:
    found = site(site=play(task, INFO), broken="- a: b\n- [", text="text")
    (left,) = found.unresolved
    assert words in left
    assert [use.module for use in found.uses] == ["license_info"]


def test_an_import_that_is_not_there_is_told(site: t.Any) -> None:
    assert site(site="- import_playbook: nowhere.yml\n- import_playbook: '{{ x }}.yml'\n").unresolved == [
        "site.yml: import of nowhere.yml",
        "site.yml: import of {{ x }}.yml",
    ]


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("collabops.webex.authorization: {client_id: x}", {"client_id"}),
        ("{collabops.webex.authorization: , args: {client_id: x}}", {"client_id"}),
        ("{collabops.webex.authorization: , args: '{{ all }}'}", None),
        ("collabops.webex.authorization: client_id=x", None),
        ("local_action: {module: collabops.webex.authorization, email: x}", {"email"}),
    ],
)
def test_options_are_known_or_it_is_known_that_they_are_not(site: t.Any, task: str, options: set[str] | None) -> None:
    (use,) = site(site=play(task)).uses
    assert use.options == options


def moves(reading: Reading) -> list[bool]:
    """Whether people are, or may be, moved, by use."""
    return ["allow_move" in (use.options or ()) for use in reading.uses]


@pytest.mark.parametrize(
    ("value", "is_on"),
    [
        ("true", True),
        ("'yes'", True),
        ("'{{ unknown }}'", True),
        ("'{{ other | default(false) }}'", True),
        ("'{{ on }}'", True),
        ("'{{ indirect | bool }}'", True),
        ("false", False),
        ("'no'", False),
        ("0", False),
        ("", False),
        ("'{{ off }}'", False),
        ("'{{ circle }}'", True),
    ],
)
def test_a_switch_counts_unless_it_is_known_to_be_off(site: t.Any, value: str, is_on: bool) -> None:
    task = f"{{collabops.webex.calling_user: {{email: x, allow_move: {value}}}}}"
    known = "{'on': true, 'off': 'no', indirect: '{{ on }}', circle: '{{ circle }}'}"
    assert moves(site(site=play(task, vars=known))) == [is_on]


@pytest.mark.parametrize(
    ("text", "is_on"),
    [
        ("- hosts: all\n  roles: [one]\n", False),
        ("- hosts: all\n  roles: [one]\n  vars: {may_move: true}\n", True),
        ("- hosts: all\n  roles: [one]\n  vars: {may_move: '{{ unknown }}'}\n", True),
        ("- hosts: all\n  roles: [one]\n  vars: {may_move: false}\n", False),
        ("- hosts: all\n  roles: [{role: one, may_move: true}]\n", True),
        ("- hosts: all\n  roles: [{role: one, vars: {may_move: true}}]\n", True),
        (play("include_role: {name: one}"), False),
        (play("{include_role: {name: one}, vars: {may_move: true}}"), True),
        (play("{block: [{include_role: {name: one}}], vars: {may_move: 'yes'}}"), True),
        (play("{include_role: {name: one}, vars: {may_move: false}}", vars="{may_move: true}"), False),
    ],
)
def test_variables_decide_what_a_role_s_switch_means(site: t.Any, text: str, is_on: bool) -> None:
    found = site(
        site=text,
        roles__one__defaults__main="may_move: false\n",
        roles__one__tasks__main="- collabops.webex.calling_users: {users: [], allow_move: '{{ may_move }}'}\n",
    )
    assert moves(found) == [is_on]
    assert found.unresolved == []


def test_a_role_is_read_again_if_its_variables_are_others(site: t.Any) -> None:
    found = site(
        site=play("include_role: {name: one}", "{include_role: {name: one}, vars: {may_move: true}}"),
        roles__one__vars__main="may_move: false\n",
        roles__one__tasks__main="- collabops.webex.calling_users: {users: [], allow_move: '{{ may_move }}'}\n",
    )
    assert moves(found) == [False, True]


def test_roles_that_depend_on_each_other_end(site: t.Any) -> None:
    found = site(
        site="- hosts: all\n  roles: [one]\n",
        roles__one__tasks__main=f"- {INFO}\n",
        roles__one__meta__main="dependencies: [{role: two, a: 1}]\ncollections: [x.y]\n",
        roles__two__meta__main="dependencies: [{role: one, a: 2}]\ncollections: [x.z]\n",
    )
    assert used(found) == [("license_info", "roles/one/tasks/main.yml")]


@pytest.mark.parametrize("text", ["- a: b\n- [", "text", "a: 1"])
def test_a_file_that_is_no_playbook_is_an_error(site: t.Any, text: str) -> None:
    with pytest.raises(OptionError) as error:
        site(site=text)
    assert error.value.option == "playbook"


def test_a_yaml_error_quotes_nothing(site: t.Any) -> None:
    with pytest.raises(OptionError) as error:
        site(site="- secret: [hidden\n- x: y: z\n")
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("read", [read_playbook, read_role])
def test_what_is_not_there_is_an_error(tmp_path: pathlib.Path, read: t.Callable[[str], Reading]) -> None:
    with pytest.raises(OptionError) as error:
        read(str(tmp_path / "nowhere"))
    assert error.value.option == read.__name__.removeprefix("read_")


def test_without_yaml_the_way_out_is_said(site: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_playbooks, "yaml", None)
    with pytest.raises(OptionError, match="PyYAML"):
        site(site=play(INFO))


# This collection's own


@pytest.mark.parametrize(
    ("role", "modules"),
    [("service_app_token", {"service_app_token", "service_app_scopes_info"}), ("calling_users", {"calling_users"})],
)
def test_the_roles_of_this_collection_can_be_read(role: str, modules: set[str]) -> None:
    found = read_role(str(ROOT / "roles" / role))
    assert {use.module for use in found.uses} == modules
    assert not any(moves(found))
    assert found.unresolved == []


def test_the_playbooks_of_this_collection_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_playbook(str(ROOT / "playbooks" / "enable_calling_users.yml"))
    if "/ansible_collections/" in str(ROOT):
        assert {use.module for use in found.uses} == {"service_app_token", "service_app_scopes_info", "calling_users"}
        assert found.unresolved == []


def test_what_an_import_of_a_playbook_says_goes_before_what_its_plays_say(site: t.Any) -> None:
    plays = "- hosts: all\n  vars: {can_move: false}\n  tasks: [{collabops.webex.calling_user: {allow_move: '{{ can_move }}'}}]\n"
    imports = ["- import_playbook: plays.yml\n", "- import_playbook: plays.yml\n  vars: {can_move: true}\n"]
    assert [any(moves(site(site=text, plays=plays))) for text in (*imports, "".join(imports))] == [False, True, True]


def test_onboard_creates_people() -> None:
    found = read_playbook(str(ROOT / "playbooks" / "onboard.yml"))
    options = [use.options or frozenset() for use in found.uses if use.module == "calling_users"]
    assert [("create_people" in given) for given in options] == [True]


# Settings of the users of a list


def settings_of(reading: Reading) -> set[str]:
    """What the uses of `calling_users` name."""
    return {name for use in reading.uses for name in use.options or ()} & SETTINGS


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("users: [{email: x, location: y}]", set()),
        ("users: [{email: x, time_zone: UTC}, {email: y, voicemail: {enabled: true}}]", {"time_zone", "voicemail"}),
        ("src: users.csv, defaults: {emergency_callback: location}", {"emergency_callback"}),
        ("src: users.csv, profiles: {office: {caller_id: {number: location}}}", {"caller_id"}),
        ("src: users.csv, profiles: profiles.yml", SETTINGS),
        ("src: users.csv, profiles: '{{ unknown }}'", SETTINGS),
        ("src: users.csv, profiles: ''", set()),
        ("src: users.csv, profiles: {}", set()),
        ("src: users.csv, defaults: '{{ known }}'", {"language"}),
        ("src: users.csv, profiles: '{{ {} | combine(known) }}'", {"language"}),
        ("src: users.csv, defaults: '{{ unknown }}'", set()),
    ],
)
def test_the_settings_of_a_list_are_found_wherever_it_names_them(site: t.Any, options: str, found: set[str]) -> None:
    task = f"{{collabops.webex.calling_users: {{{options}}}}}"
    assert settings_of(site(site=play(task, vars="{known: {language: Deutsch}}"))) == found


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ("{}", set()),
        ("{calling_users_defaults: {location: Berlin}}", set()),
        ("{calling_users_defaults: {emergency_callback: location}}", {"emergency_callback"}),
        ("{calling_users_profiles: {office: {numbers: []}}}", {"numbers"}),
        ("{calling_users_profiles: profiles.yml}", SETTINGS),
        ("{calling_users_list: [{email: x, time_zone: UTC}]}", {"time_zone"}),
    ],
)
def test_the_settings_that_variables_of_the_role_name_are_found(
    tmp_path: pathlib.Path, variables: str, found: set[str]
) -> None:
    role = ROOT / "roles" / "calling_users"
    (tmp_path / "site.yml").write_text(f"- hosts: all\n  vars: {variables}\n  roles: [{{role: {role}}}]\n")
    assert settings_of(read_playbook(str(tmp_path / "site.yml"))) == found
