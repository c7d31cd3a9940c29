# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job templates and workflows: what they can be, their surveys, and what a launch takes, ignores and refuses."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import yaml
from starlette.responses import JSONResponse, Response

from . import objects, projects
from .access import Access
from .credentials import missing_inputs
from .kinds import KINDS, PROMPTS
from .show import ENCRYPTED, display_survey
from .store import Thing
from .web import ApiError, Call, Handler, Json, Routes, forbidden, invalid

_QUESTIONS: dict[str, Any] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": (list, str),
    "integer": int,
    "float": (float, int),
}
TEMPLATES = ("job_templates", "workflow_job_templates")


def routes(table: Routes) -> None:
    """The handlers about templates that are like no other."""
    for path in TEMPLATES:
        table.add(f"{path}/{{id}}/launch/", GET=may_launch(path), POST=launch(path))
        table.add(
            f"{path}/{{id}}/survey_spec/", GET=show_survey(path), POST=set_survey(path), DELETE=remove_survey(path)
        )


# -- templates -----------------------------------------------------------------------------------------------------------


def check_template(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A template has a project with its playbook, and an inventory unless it asks for one (*source*)."""
    project = call.store.get("projects", asked.get("project"))
    if project is None:
        raise invalid(project="Job Templates must have a project assigned.")
    if not asked.get("inventory") and not asked.get("ask_inventory_on_launch"):
        raise invalid(inventory="You must either set a default value or ask to prompt on launch.")
    if not asked.get("playbook"):
        raise invalid(playbook="Must select playbook for project.")
    if not project["allow_override"] and not projects.has_playbook(call, project, asked["playbook"]):
        raise invalid(playbook="Playbook not found for project.")
    for name in ("scm_branch", "ask_scm_branch_on_launch"):
        if asked.get(name) and not project["allow_override"]:
            raise invalid(**{name: "Project does not allow overriding branch."})
    variables(asked.get("extra_vars", ""))
    return {**fields, "organization": project["organization"]}


def check_credential(call: Call, template: Thing, new: Thing) -> None:
    """400 for a second credential of the same type (*source*)."""
    attached = [call.store.get("credentials", other) for other in template.linked("credentials")]
    if new["credential_type"] in [other["credential_type"] for other in attached if other]:
        type_ = call.store.get("credential_types", new["credential_type"])
        raise ApiError(400, {"error": f"Cannot assign multiple {type_.name if type_ else ''} credentials."})


def variables(text: Any) -> Json:
    """Extra vars as an object: JSON or YAML; 400 if they are neither (*source*)."""
    if isinstance(text, dict):
        return text
    try:
        found = yaml.safe_load(text) if text else {}
    except yaml.YAMLError as error:
        raise invalid(extra_vars=f"Cannot parse as JSON or YAML: {error}") from None
    if found is not None and not isinstance(found, dict):
        raise invalid(extra_vars="Input type `str` is not a dictionary")
    return found or {}


# -- surveys -------------------------------------------------------------------------------------------------------------


def show_survey(path: str) -> Handler:
    """GET the survey of a template; nothing is an empty object."""

    def handle(call: Call) -> Response:
        return JSONResponse(display_survey(objects.readable(call, KINDS[path])))

    return handle


def set_survey(path: str) -> Handler:
    """POST the survey of a template."""

    def handle(call: Call) -> Response:
        template, survey = objects.changeable(call, KINDS[path]), call.data
        old = {question["variable"]: question for question in questions(template)}
        if problem := next(wrong_survey(survey, old), None):
            raise ApiError(400, {"error": problem})
        template.hidden["survey"] = survey
        return Response()

    return handle


def remove_survey(path: str) -> Handler:
    """DELETE the survey of a template: 200, and an empty answer (*source*)."""

    def handle(call: Call) -> Response:
        objects.changeable(call, KINDS[path]).hidden["survey"] = {}
        return Response()

    return handle


def questions(template: Thing) -> list[Json]:
    """What the survey of a template asks, enabled or not."""
    found: list[Json] = template.hidden.get("survey", {}).get("spec", [])
    return found


def wrong_survey(survey: Json, old: dict[str, Json]) -> Iterator[str]:
    """What is wrong with a survey, in the words of AWX (*source*); a secret default that is kept is filled in."""
    for name, kind, label in (("name", str, "string"), ("description", str, "string"), ("spec", list, "list of items")):
        if name not in survey:
            yield f"Field '{name}' is missing from survey spec."
        elif not isinstance(survey[name], kind):
            yield f"Expected {label} for field '{name}', received {type(survey[name]).__name__} type."
    if not survey.get("spec"):
        yield "'spec' doesn't contain any items."
    seen = set()
    for index, question in enumerate(survey["spec"]):
        for name in ("type", "question_name", "variable", "required"):
            if name not in question:
                yield f"'{name}' missing from survey question {index}"
            elif not isinstance(question[name], bool if name == "required" else str):
                label = "boolean" if name == "required" else "string"
                yield f"'{name}' in survey question {index} expected to be {label}."
        if question["variable"] in seen:
            yield f"'variable' '{question['variable']}' duplicated in survey question {index}."
        seen.add(question["variable"])
        kind, default = question["type"], question.get("default", "")
        if kind not in _QUESTIONS:
            allowed = ", ".join(_QUESTIONS)
            yield f"'{kind}' in survey question {index} is not one of '{allowed}' allowed question types."
        if default != "" and not isinstance(default, _QUESTIONS[kind]):
            label = kind if kind in ("integer", "float") else "string"
            yield f"Default value {default} in survey question {index} expected to be {label}."
        for name in ("min", "max"):
            if question.get(name) is not None and not isinstance(question[name], int):
                yield f"The {name} limit in survey question {index} expected to be integer."
        if kind in ("multiplechoice", "multiselect") and "choices" not in question:
            yield f"Survey question {index} of type {kind} must specify choices."
        if isinstance(default, str) and default.startswith(ENCRYPTED):
            kept = old.get(question["variable"], {}).get("default")
            if kind != "password" or kept is None:
                yield f"$encrypted$ is a reserved keyword, may not be used for new default in position {index}."
            question["default"] = kept


def wrong_answer(question: Json, answers: Json) -> Iterator[str]:
    """What is wrong with the answer to a question, in the words of AWX (*source*)."""
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"]:
            yield f"'{name}' value missing"
        return
    value = answers[name]
    least, most = question.get("min") or None, question.get("max") or None
    if kind in ("text", "textarea", "password"):
        if not isinstance(value, str):
            yield f"Value {value} for '{name}' expected to be a string."
        elif least is not None and len(value) < least:
            yield f"'{name}' value {value} is too small (length is {len(value)} must be at least {least})."
        elif most is not None and len(value) > most:
            yield f"'{name}' value {value} is too large (must be no more than {most})."
    elif kind in ("integer", "float"):
        if type(value) not in ((int,) if kind == "integer" else (int, float)):
            yield f"Value {value} for '{name}' expected to be {'an integer' if kind == 'integer' else 'a numeric type'}."
        elif least is not None and value < least:
            yield f"'{name}' value {value} is too small (must be at least {least})."
        elif most is not None and value > most:
            yield f"'{name}' value {value} is too large (must be no more than {most})."
    else:
        choices = question["choices"]
        choices = choices.splitlines() if isinstance(choices, str) else choices
        if kind == "multiselect" and not isinstance(value, list):
            yield f"'{name}' value is expected to be a list."
            return
        for one in value if kind == "multiselect" else [value]:
            if one not in choices:
                yield f"Value {one} for '{name}' expected to be one of {choices}."


# -- launches ------------------------------------------------------------------------------------------------------------


def sorted_out(call: Call, template: Thing, data: Json, exclude: Collection[str]) -> tuple[Json, Json, Json]:
    """What a launch takes, what it ignores, and what is an error (*source*).

    Variables are taken if the survey asks for them, or all with `ask_variables_on_launch`; others are dropped (*seen*).
    """
    taken: Json = {}
    ignored: Json = {}
    errors: Json = {}
    answers = dict(data.get("extra_vars") or {})
    problems: list[str] = []
    accepted: Json = {}
    for question in questions(template) if template.fields.get("survey_enabled") else ():
        wrong = [
            why for why in wrong_answer(question, answers) if not ("required" in exclude and why.endswith("missing"))
        ]
        problems += wrong
        if question["variable"] in answers and not wrong:
            accepted[question["variable"]] = answers.pop(question["variable"])
    if problems:
        errors["variables_needed_to_start"] = problems
    if template.fields.get("ask_variables_on_launch"):
        accepted, answers = {**accepted, **answers}, {}
    own = variables(template.fields.get("extra_vars", ""))
    answers = {name: value for name, value in answers.items() if name not in own or own[name] != value}
    if answers:
        ignored["extra_vars"] = answers
        if "prompts" not in exclude:
            names = ", ".join(answers)
            title = template.kind.type.replace("_", " ").title()
            errors["extra_vars"] = [
                f"Variables {names} are not allowed on launch. Check the Prompt on Launch setting on the {title} to "
                "include Extra Variables."
            ]
    if accepted:
        taken["extra_vars"] = accepted
    for name, allowed in PROMPTS.items():
        value = data.get(name)
        if name == "extra_vars" or value is None or value == []:
            continue
        if template.fields.get(allowed):
            taken[name] = value
        elif value != template.fields.get(name):
            ignored[name] = value
            if "prompts" not in exclude:
                errors[name] = ["Field is not configured to prompt on launch."]
    return taken, ignored, errors


def check_prompts(call: Call, template: Thing, fields: Json, exclude: Collection[str]) -> None:
    """400 for a schedule or a node that sets what its template does not ask for (*source*)."""
    if not (set(PROMPTS) | {"extra_data"}) & fields.keys():
        return
    data = {name: value for name, value in fields.items() if name in PROMPTS}
    data["extra_vars"] = variables(fields.get("extra_data") or {})
    _taken, _ignored, errors = sorted_out(call, template, data, exclude)
    if "extra_vars" in errors:
        errors["extra_data"] = errors.pop("extra_vars")
    if errors:
        raise ApiError(400, errors)


def may_launch(path: str) -> Handler:
    """GET what a launch needs."""

    def handle(call: Call) -> Response:
        template = objects.readable(call, KINDS[path])
        enabled = bool(template["survey_enabled"] and questions(template))
        needed = [question["variable"] for question in questions(template) if enabled and question["required"]]
        asks = {name: value for name, value in template.fields.items() if name.startswith("ask_")}
        shown = {"survey_enabled": enabled, "variables_needed_to_start": needed, "passwords_needed_to_start": []}
        return JSONResponse({"can_start_without_user_input": not needed, **asks, **shown})

    return handle


def launch(path: str) -> Handler:
    """POST: start a job, which ends as the setting `job_status` says; `ignored_fields` tells what it did not take."""

    def handle(call: Call) -> Response:
        template = call.find(path)
        if not Access(call.store, call.user).starts(template):
            raise forbidden()
        data = call.data
        data["extra_vars"] = variables(data.get("extra_vars") or {})
        taken, ignored, errors = sorted_out(call, template, data, ("prompts",))
        if path == "job_templates" and template["project"] is None:
            errors["project"] = "A project is required to run a job."
        if errors:
            raise ApiError(400, errors)
        job = start(call, template, taken)
        name = "job" if path == "job_templates" else "workflow_job"
        return JSONResponse({name: job.id, "ignored_fields": ignored, **objects.shown(call, job)}, 201)

    return handle


def start(call: Call, template: Thing, taken: Json) -> Thing:
    """A new job of a template. It fails if a credential lacks a required input: only a launch looks at that (*seen*)."""
    defaults = {
        question["variable"]: question["default"]
        for question in questions(template)
        if template["survey_enabled"] and question.get("default") is not None
    }
    extra_vars = {**variables(template["extra_vars"]), **defaults, **taken.get("extra_vars", {})}
    kind = "jobs" if template.kind.path == "job_templates" else "workflow_jobs"
    numbers = list(template.links.get("credentials", []))
    numbers += [number for number in taken.get("credentials", []) if number not in numbers]
    explanation = ""
    for credential in [call.store.get("credentials", number) for number in numbers]:
        if credential and (missing := missing_inputs(call.store, credential)) and not explanation:
            explanation = (
                f"Job cannot start because Credential {credential.name} does not provide one or more required fields "
                f"({', '.join(missing)})."
            )
    own = {name: taken.get(name, template.fields.get(name)) for name in KINDS[kind].fields if name in template.fields}
    fields = {
        **own,
        "extra_vars": json.dumps(extra_vars),
        template.kind.type: template.id,
        "unified_job_template": template.id,
        "job_explanation": explanation,
    }
    failed = "failed" if explanation else ""
    job = call.world.start_job(kind, call.world.config.job_seconds, failed, **fields)
    if kind == "jobs":
        job.links["credentials"] = numbers
    return job
