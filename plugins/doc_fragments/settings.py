# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What a person who has calling needs beside a license."""

    DOCUMENTATION = r"""
options:
  emergency_callback:
    description:
      - Whom emergency services call back - V(direct_line), V(location) (the number that the location has for it), or the phone
        number of another member of the same location, in E.164 notation.
      - A person with an extension only has no such number until one is chosen.
    type: str
  caller_id:
    description:
      - What others see when the person calls.
      - Webex demands the kind of number in every change. If that does not change, it is the one that was read right before.
    type: dict
    suboptions:
      number:
        description:
          - The number - V(direct_line), V(location), or another phone number in E.164 notation. Webex says which of them a
            person can choose; others are refused before anything is written.
        type: str
      name:
        description: The name outside of the organization - V(direct_line), V(location), or any other text.
        type: str
      block_in_forwarded_calls:
        description: Whether callers whose calls are forwarded to the person do not see who that is.
        type: bool
  voicemail:
    description:
      - Voicemail.
      - Webex demands the notifications, and the number to which callers can be transferred, in every change. If they do not
        change, they are those that were read right before.
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
        description: The address for the copies. Without it, the one that Webex has is kept.
        type: str
      notification:
        description: Whether each new message is announced by e-mail.
        type: bool
      notification_to:
        description: The address for these e-mails.
        type: str
  voicemail_passcode:
    description:
      - The passcode that opens voicemail; from 6 to 30 characters. The organization can have stricter rules.
      - Webex shows it to nobody, so no run can tell whether it is set already. O(voicemail_passcode_update) says when it is
        written.
      - If it has digits only, Ansible replaces the same digits in all that the task returns, also in phone numbers.
    type: str
  voicemail_passcode_update:
    description:
      - When the passcode is written.
      - With V(on_enable), and by default, if this task switches voicemail on (O(voicemail.enabled=true) where it was off). The
        passcode is written first, so that a run that is killed in between does both again.
      - With V(always), in every run. The task is then changed every time.
    type: str
    choices: [on_enable, always]
  outgoing_permissions:
    description:
      - Which calls the person may make.
      - Whether Webex keeps the permissions that a change does not name is not documented, so all are sent, as they were read
        right before.
    type: dict
    suboptions:
      custom:
        description:
          - Whether permissions of their own hold for the person. Otherwise those of the location do. It is true if
            O(outgoing_permissions.allow) or O(outgoing_permissions.block) is given.
        type: bool
      allow:
        description: Types of calls that are allowed. Others stay as they are.
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
        description: Types of calls that are blocked. Others stay as they are.
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
    description: The time zone, for example V(Europe/Berlin).
    type: str
  language:
    description:
      - The language of announcements, as Webex calls it, for example V(English). Which names there are is not documented.
    type: str
  numbers:
    description:
      - Further phone numbers that the person has, beside the primary one, in E.164 notation. Each must be in the inventory of
        the person's location, and free. Those that are not named stay.
    type: list
    elements: str
  remove_numbers:
    description: Further phone numbers that the person does not have any more.
    type: list
    elements: str
"""
