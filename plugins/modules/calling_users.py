#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: calling_users
short_description: Enable or disable Webex Calling for many people in one task
version_added: 1.0.0
description:
  - Does for a list of people what M(collabops.webex.calling_user) does for one, with the same options and the same rules.
  - The list is a file (O(src)), a text (O(text)) or YAML (O(users)). It is read on the controller and checked as a whole. All
    problems are reported at once, each with its line, before anything is sent to Webex. The guide
    R(Enable users for Webex Calling from a list,ansible_collections.collabops.webex.docsite.guide_provisioning) says which
    lists are understood.
  - The state of the organization is read in bulk if that takes fewer requests than asking for each person. Everything is
    planned before the first write. All problems are reported at once, and nothing is written unless O(on_error=skip).
  - People of the list can exchange extensions and numbers, or hand them on in a chain. Each is written as soon as what they get
    is free. If they wait for each other in a circle, one of them gets a free extension for a moment, or gives up the number;
    RV(users) says so.
  - Then O(concurrency) workers write what differs. If Webex limits the rate, all of them slow down together. After a failure
    whose end is unclear, the person is read before anything is repeated.
  - While it runs, a line every few seconds says how many users are done, how many failed, and how long the rest will take.
    The lines go to standard error and to Ansible's log.
  - After the licenses, the settings are set up that users name (O(users[].emergency_callback) to
    O(users[].remove_numbers)), as M(collabops.webex.calling_user_settings) does it. Webex has no call that reads or writes a
    setting of many people, so each that is named costs one request for each user in every run, and two more if it is
    written. For those who do not name any, nothing is asked. If a setting fails, its user has failed, and the message says
    what is done. The license and the other settings stay, and nobody else is kept from theirs; O(on_error) is about the plan of
    licenses only.
  - A user who is left without a phone number, while nothing is said of the emergency callback, is a warning by name. One default,
    C(emergency_callback=location), sets it for everybody.
  - The task fails if anybody failed or was skipped. A refused access token ends it at once.
  - On Ctrl-C, SIGTERM or the end of the task keyword C(timeout), the requests that are under way end, for at most a minute. Then
    it says how many users are done, and writes the reports. If C(ansible-playbook) is killed, the module stops within a second or
    as soon as its host notices that the connection is gone.
  - A run that was killed can simply be repeated, and does only the rest.
  - People who do not exist are created with O(create_people=true).
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.calling
  - collabops.webex.attributes
  - collabops.webex.attributes.resource
options:
  src:
    description:
      - A CSV or JSON file on the controller. A relative path is looked up in the folder where C(ansible-playbook) was started, then
        where Ansible looks for files. A file that ansible-vault has encrypted is decrypted.
      - Exactly one of O(src), O(text) and O(users) is needed; those that are empty do not count.
    type: path
  text:
    description: A CSV or JSON text, for example the answer of a survey.
    type: str
  users:
    description: The people, each with options of M(collabops.webex.calling_user).
    type: list
    elements: dict
    default: []
    suboptions:
      email:
        description: The person's e-mail address. One of O(users[].email) and O(users[].person_id) is required.
        type: str
      person_id:
        description: The person's id.
        type: str
      state:
        description: Whether the person has Webex Calling.
        type: str
        choices: [present, absent]
        default: present
      license:
        description:
          - The license, as V(professional) or V(standard), by its name, or by its id. Without it, a person who has a calling
            license keeps that one, and a newcomer gets Professional.
        type: str
      location:
        description: The location by name or id. Mandatory unless O(users[].phone_number) is given.
        type: str
      extension:
        description: The extension, without the location's routing prefix.
        type: str
      phone_number:
        description: The phone number in E.164 notation.
        type: str
      remove_phone_number:
        description: Whether to take the phone number away. The extension stays.
        type: bool
        default: false
      first_name:
        description: The first name of somebody who has to be created, see O(create_people).
        type: str
      last_name:
        description: Their last name.
        type: str
      display_name:
        description: Their name as others see it. Without it, it is the first and the last name.
        type: str
      emergency_callback:
        description: Whom emergency services call back - V(direct_line), V(location), or another member's phone number.
        type: str
      caller_id:
        description: What others see when the person calls.
        type: dict
        suboptions:
          number:
            description: The number - V(direct_line), V(location), or another phone number.
            type: str
          name:
            description: The name - V(direct_line), V(location), or another text.
            type: str
          block_in_forwarded_calls:
            description: Whether callers whose calls are forwarded to the person do not see who that is.
            type: bool
      voicemail:
        description: Voicemail.
        type: dict
        suboptions:
          enabled:
            description: Whether the person has voicemail.
            type: bool
          all_calls:
            description: Whether all calls go to voicemail.
            type: bool
          busy_calls:
            description: Whether calls go to voicemail while the line is busy.
            type: bool
          unanswered_calls:
            description: Whether calls go to voicemail if nobody answers.
            type: bool
          rings:
            description: After how many rings nobody answers; from 2 to 20.
            type: int
          email_copy:
            description: Whether a copy of each message is sent by e-mail.
            type: bool
          email_copy_to:
            description: The address for the copies.
            type: str
          notification:
            description: Whether each new message is announced by e-mail.
            type: bool
          notification_to:
            description: The address for these e-mails.
            type: str
      voicemail_passcode:
        description: The passcode that opens voicemail. It is in no report.
        type: str
      voicemail_passcode_update:
        description:
          - When the passcode is written - V(on_enable), and by default, if this task switches voicemail on; or V(always), in every
            run.
        type: str
        choices: [on_enable, always]
      outgoing_permissions:
        description: Which calls the person may make.
        type: dict
        suboptions:
          custom:
            description: Whether permissions of their own hold for the person.
            type: bool
          allow:
            description: Types of calls that are allowed.
            type: list
            elements: str
            choices: &call_types
              - internal_call
              - toll_free
              - national
              - international
              - operator_assisted
              - chargeable_directory_assisted
              - special_services_i
              - special_services_ii
              - premium_services_i
              - premium_services_ii
          block:
            description: Types of calls that are blocked.
            type: list
            elements: str
            choices: *call_types
      call_forwarding:
        description: Where calls are forwarded to. Each is a number, an extension, or V(off).
        type: dict
        suboptions:
          always:
            description: Where all calls go.
            type: str
          busy:
            description: Where calls go while the line is busy.
            type: str
          no_answer:
            description: Where calls go if nobody answers.
            type: str
          rings:
            description: After how many rings nobody answers; from 2 to 20.
            type: int
          business_continuity:
            description: Where calls go if the telephone cannot be reached.
            type: str
      time_zone:
        description: The time zone.
        type: str
      language:
        description: The language of announcements, as Webex calls it.
        type: str
      numbers:
        description: Further phone numbers that the person has. Those that are not named stay.
        type: list
        elements: str
      remove_numbers:
        description: Further phone numbers that the person does not have any more.
        type: list
        elements: str
      profile:
        description: The name of a profile of O(profiles), for what the user does not say.
        type: str
  columns:
    description:
      - Which option is meant by a column or key of another name. Case does not matter.
      - A column that is given nothing (V(null) or an empty text) is left out.
    type: dict
    default: {}
  defaults:
    description: Options for the people who do not have their own, for example C(location).
    type: dict
    default: {}
  profiles:
    description:
      - Named bundles of options, for example C(office), C(reception) and C(contractor). Users choose one by O(users[].profile), or
        by the column C(profile) of the list. What a user says wins over the profile, and the profile over O(defaults); of
        options with suboptions, that holds for each suboption.
      - A mapping of names to options, or a YAML file with one on the controller, which is looked for as O(src) is. Values in the
        file can be encrypted with ansible-vault.
    type: raw
  default_country:
    description:
      - The country, as two letters, whose national phone numbers are meant. V(DE) makes C(030 5550 2002) C(+4930555 02002) without
        blanks, and C(0049) C(+49). Without it, phone numbers must be in E.164 notation.
      - This needs the Python library C(phonenumbers) on the controller.
    type: str
  allow_empty:
    description: Whether a list without people, or no list, is a success. Otherwise it is an error.
    type: bool
    default: false
  list_only:
    description: Whether only to read and check the list. Nothing is sent to Webex, and no token is needed.
    type: bool
    default: false
  report_dir:
    description:
      - A folder on the controller for C(calling_users.csv), C(calling_users.json) and C(calling_users.html), which is made if
        need be. A relative path begins in the folder where C(ansible-playbook) was started.
      - The CSV and the JSON file can be given to O(src) again, to retry those who failed or were skipped.
      - The files replace those of the run before, each as a whole. They hold personal data, no secret, and only their owner can
        read them. In check mode nothing is written.
    type: path
  progress:
    description: Whether to say how far it is while it runs, and how it ended.
    type: bool
    default: true
  progress_file:
    description: Where the module on the host says how far it is. The action sets it; leave it alone.
    type: str
  on_error:
    description:
      - What to do if some of the list cannot be done.
      - With V(stop), nothing is written if the plan has any problem.
      - With V(skip), those who can be done are done, and the others are reported as failed.
    type: str
    choices: [stop, skip]
    default: stop
  max_failures:
    description:
      - After how many failed users, at least 1, the rest is skipped. Requests that are under way then still end. Without it,
        everybody is tried.
    type: int
  concurrency:
    description: How many requests are under way at once at the most.
    type: int
    default: 8
  time_budget:
    description:
      - How many seconds all requests and waits of the task may take together. The users who are left then are skipped, and the
        task fails; the next run does the rest.
    type: float
    default: 3600
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_provisioning
    description: Enable users for Webex Calling from a list, from the first CSV file to profiles.
  - module: collabops.webex.calling_user
"""

EXAMPLES = r"""
- name: Enable the users of a file, for example an export of Control Hub
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    src: users.csv
    report_dir: reports

- name: Enable the users of a file whose columns have names of their own
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    src: staff.csv
    columns:
      Desk phone: phone_number
      Cost center:
    defaults:
      location: Berlin

- name: Create those of a list who do not exist yet, and enable all
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    src: newcomers.csv
    create_people: true

- name: Check a list, and send nothing
  collabops.webex.calling_users:
    src: users.csv
    list_only: true

- name: Enable the users of a file, each as the column profile of the file says
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    src: users.csv
    defaults:
      emergency_callback: location
    profiles:
      office:
        voicemail:
          enabled: true
          email_copy: true
      contractor:
        voicemail:
          enabled: false
        outgoing_permissions:
          block: [international]

- name: Try those again who failed
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    src: reports/calling_users.csv
    allow_empty: true

- name: Enable those who can be enabled, and report the others
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    on_error: skip
    users:
      - email: alice@example.com
        location: Berlin
        extension: "2002"
      - email: bob@example.com
        location: Berlin
        phone_number: "+493055502003"
"""

RETURN = r"""
users:
  description:
    - How each user ended. Those who failed come first.
    - If anybody failed or was skipped, the others are here with C(user), C(outcome) and C(verified) only, since Ansible prints
      all that a failed task returns.
  type: list
  elements: dict
  returned: always, once the organization was read
  contains:
    user:
      description: The person, as they were named.
      type: str
      sample: alice@example.com
    outcome:
      description:
        - V(ok) (nothing to do), V(enabled), V(changed) (this includes calling that was taken away), V(skipped) or V(failed). In
          check mode, as it would be.
      type: str
      sample: enabled
    created:
      description:
        - Whether the person was created by the task, also if it failed afterwards. In check mode, whether the person would be.
          Missing if not.
      type: bool
      sample: true
    notes:
      description:
        - What the user of the task should know of the way, for example that the extension is exchanged. Missing if there is
          nothing to say.
      type: list
      elements: str
      sample: ["has the extension 2003 for a moment, since 2002 is exchanged"]
    settings:
      description:
        - The settings that are asked for, as read at last; in check mode, as they would be. Missing if there are none.
      type: dict
      sample: {emergency_callback: location}
    changed_settings:
      description: Which of them were changed.
      type: list
      elements: str
      sample: [emergency_callback]
    reason:
      description: Why the user failed or was skipped.
      type: str
      sample: The extension 2001 in Berlin is in use by Ivan Example.
    remedy:
      description: What to do about it, or V(none).
      type: str
      sample: choose another one, or free it first.
    error_codes:
      description: The error codes of Webex.
      type: list
      elements: str
      sample: ["400404"]
    tracking_id:
      description: The tracking id of Webex.
      type: str
      sample: NA_88b8b4ce-6338-4d3a-8d6c-22b37e62354f
    verified:
      description: Whether the change was seen when the person was read again.
      type: bool
      sample: true
  sample:
    - user: alice@example.com
      outcome: enabled
      extension: "2002"
      location: Berlin
list:
  description: The people of the list as they were understood, each with options of M(collabops.webex.calling_user).
  type: list
  elements: dict
  returned: if O(list_only) or if the list is empty
  sample: [{email: alice@example.com, location: Berlin, extension: "2002"}]
list_notes:
  description: What should be known of how the list was read, for example which columns were ignored.
  type: list
  elements: str
  returned: always, once the list was read
  sample: ["Columns that mean nothing here were ignored: Cost center."]
reports:
  description: The paths of the reports.
  type: dict
  returned: if O(report_dir), unless in check mode
  sample: {csv: /home/alice/reports/calling_users.csv}
summary:
  description: What to hand on to other jobs, with C(set_stats) for example. It holds no secret.
  type: dict
  returned: always, once the organization was asked
  sample: {counts: {ok: 4995, enabled: 4, changed: 0, skipped: 0, failed: 1}, failed: [bob@example.com], skipped: []}
counts:
  description: How many users had which outcome.
  type: dict
  returned: always, once the organization was read
  sample: {ok: 4995, enabled: 4, changed: 0, skipped: 0, failed: 1}
released:
  description:
    - What people gave back with O(release), or in check mode would, and what is left of theirs. Those who had nothing are not
      in the list.
  type: list
  elements: dict
  returned: always, once the organization was read
  contains:
    user:
      description: The person, as they were named.
      type: str
      sample: alice@example.com
    devices:
      description: The devices that were deleted.
      type: list
      elements: str
      sample: [Cisco 8865 112233445566]
    left:
      description: What could not be given back, and why.
      type: list
      elements: str
      sample: []
  sample: []
single_reads:
  description:
    - The settings that were read, each by one request for each user who names it. Webex has no call that reads them of many
      people.
  type: list
  elements: str
  returned: always, once the organization was read
  sample: [emergency_callback, voicemail]
exchanges:
  description:
    - Whether people of the list hand extensions, numbers or units of licenses on to each other. Such a list has to be written by
      one task, not in parts.
  type: bool
  returned: always, once the organization was read
  sample: false
estimate:
  description:
    - How many requests the changes take, and how many C(seconds) at the pace that was measured while the organization was read.
      In check mode, it says beforehand how long the run will take. People who are created count as if the token may do that in
        bulk.
  type: dict
  returned: always, once the organization was read
  sample: {requests: 500, seconds: 31}
traffic:
  description:
    - How many C(requests) were sent, how many of them Webex refused for the rate (C(throttled), status 429), and how many
      C(seconds_waited) all workers together waited for the rate.
  type: dict
  returned: always, once the organization was read
  sample: {requests: 520, throttled: 2, seconds_waited: 11.5}
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling.bulk_plan import Work, check_each, read_and_plan
from ..module_utils._calling.bulk_read import BulkOrganization
from ..module_utils._calling.bulk_write import carry_out
from ..module_utils._calling.options import BULK_SPEC, LIST_SPEC, rules_of
from ..module_utils._calling.progress import Progress, interruptible
from ..module_utils._calling.release import foresee, leavers_of, release, warnings_of
from ..module_utils._calling.result import OUTCOMES, UNDONE, Result, preview, summary
from ..module_utils._calling.steps import Way
from ..module_utils._client import WebexClient
from ..module_utils._errors import OptionError, WebexError
from ..module_utils._module import run_module
from ..module_utils._patience import Patience
from ..module_utils._settings import Settings
from ..module_utils._throttle import Throttle


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan everything, and carry it out unless in check mode or stopped by a problem."""
    params = module.params
    users, unsound = check_each(params["users"])
    way = Way(params["concurrency"], Patience(params["wait_timeout"]), params["max_failures"], rules_of(params))
    organization = BulkOrganization(client, users, way.workers, way.rules.create_people)
    with Progress(params["progress_file"]) as progress, interruptible():
        try:
            planned = read_and_plan(organization, users, way.rules, way.patience)
            planned.problems[:0] = unsound
            stopped = bool(planned.problems) and params["on_error"] == "stop"
            leavers = leavers_of(planned.users) if params["release"] and not stopped else []
            released = foresee(client, leavers)
        except KeyboardInterrupt:
            raise WebexError("The run was interrupted before anything was written.", "run again.") from None
        estimate = planned.estimate(client)
        if module.check_mode or stopped:
            results = preview(planned, stopped)
        else:
            progress.begin_writing(len(planned.changes), estimate["seconds"])
            results = carry_out(client, organization, planned, way, progress.note)
            left = {result.who: result.left for result in results if result.outcome not in UNDONE}
            leavers = [replace(leaver, left=left[leaver.who]) for leaver in leavers if leaver.who in left]
            released = release(client, leavers, way.patience, way.workers)
    for warning in warnings_of(released):
        module.warn(warning)
    return report(
        module,
        planned,
        results,
        {
            "released": [answer.shown() for answer in released],
            "exchanges": planned.order.has_exchanges,
            "estimate": estimate,
            "traffic": client.traffic.shown(),
        },
    )


def report(module: AnsibleModule, planned: Work, results: list[Result], more: dict[str, Any]) -> dict[str, Any]:
    """Return the result; leave with a failure if anybody failed, or was skipped."""
    results = [Result(who, "failed", error=error) for who, error in planned.problems] + results
    results.sort(key=lambda result: (result.outcome != "failed", result.outcome != "skipped"))
    undone = [result for result in results if result.outcome in UNDONE]
    counts = Counter(result.outcome for result in results)
    warn(module, results)
    shown = {
        "changed": any(result.is_changed for result in results)
        or any(answer["devices"] for answer in more["released"]),
        "counts": {outcome: counts[outcome] for outcome in OUTCOMES},
        "diff": difference([result for result in results if result.is_done]),
        "single_reads": single_reads(results),
        **more,
    }
    users = [result.shown() for result in results]
    if undone:
        error = undone[0].error
        module.fail_json(msg=summary(results), error=error.details() if error else None, users=users, **shown)
    return {**shown, "users": users}


def difference(done: Sequence[Result]) -> dict[str, str]:
    """Return the diff: one line for each user who is changed."""
    lines = [(result, result.settings.difference() if result.settings else ({}, {})) for result in done]
    return {
        "before": "".join(_line(result, _before(result), old) for result, (old, _new) in lines if result.before),
        "after": "".join(_line(result, result.plan.after.line(), new) for result, (_old, new) in lines if result.plan),
    }


def _before(result: Result) -> str:
    return "no such person" if result.created or not result.before else result.before.line()


def _line(result: Result, state: str, settings: dict[str, Any]) -> str:
    more = "".join(f"; {name}: {value}" for name, value in settings.items())
    return f"{result.who}: {state}{more}\n"


def single_reads(results: Sequence[Result]) -> list[str]:
    """Return the settings that were read, each for one user at a time: Webex has no other way."""
    outcomes = (outcome for result in results if result.settings for outcome in result.settings.outcomes)
    return sorted({outcome.name for outcome in outcomes})


def warn(module: AnsibleModule, results: Sequence[Result]) -> None:
    """Warn of what the users should know: of each kind once, with the first who has it and the number of the others."""
    unseen = sum(not result.verified for result in results)
    if unseen:
        module.warn(f"Webex accepted the changes of {unseen} users, but did not show them yet; look again later.")
    notes: dict[str, list[str]] = {}
    for result in results:
        has_settings = result.settings is not None
        for note in result.notes if has_settings or (result.plan and result.plan.changes) else ():
            notes.setdefault(note, []).append(result.who)
    for note, names in notes.items():
        also = f" and {len(names) - 1} more" if len(names) > 1 else ""
        module.warn(f"{names[0]}{also}: {note}.")


def main() -> None:
    """Run the module."""
    run_module({**LIST_SPEC, **BULK_SPEC}, work, connect=connect)


def connect(settings: Settings, params: dict[str, Any]) -> WebexClient:
    """Return the client that all workers share."""
    if not 1 <= params["concurrency"] <= 100:
        raise OptionError("concurrency", f"{params['concurrency']} is not from 1 to 100.", "write for example 8.")
    if params["max_failures"] is not None and params["max_failures"] < 1:
        raise OptionError(
            "max_failures", f"{params['max_failures']} is not at least 1.", "write 1 to stop at the first."
        )
    return WebexClient(settings, params["time_budget"], Throttle(params["concurrency"]))


if __name__ == "__main__":
    main()
