# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data: the scopes of the Webex admin and calling APIs, what can tell that a token has one, and which call needs which.

A scope is one line: its name, what it is for, whether an integration and whether a service app can hold it, and where
that is from. None means that it is not sourced. A personal access token may do all that its user may do, a bot and a
guest hold none of these (lab). A service app cannot hold XSI, analytics, CDR and organization contacts scopes (wxcli);
of the others, True is only where a source says so. Everything here is read through ``_scopes``.

The sources: ``spec``, Cisco's OpenAPI description; ``lab``, the seven scopes of the Cisco Live lab; ``calls``, the
project's table of scopes per call (from the same description); ``portal``, the list of the scopes of integrations at
developer.webex.com/docs/integrations; ``reference``, Cisco's API reference as wxc_sdk's documentation repeats it;
``wxc_sdk``, its examples; ``wxcli``, its notes on authentication; ``byods``, what Cisco's BYODS and BYOVA clients ask
for. After them, what is not sourced is said.
"""

from __future__ import annotations

from dataclasses import dataclass

YES, NO = True, False


@dataclass(frozen=True)
class Scope:
    """One scope; ``integration`` and ``service_app`` say whether such a token can hold it, None if nobody says."""

    name: str
    meaning: str
    integration: bool | None
    service_app: bool | None
    source: str


@dataclass(frozen=True)
class Probe:
    """A GET that answers 2xx exactly when the token has a scope of ``tells`` or ``also``; it speaks of ``tells`` only."""

    path: str
    tells: tuple[str, ...]
    also: tuple[str, ...] = ()
    page: bool = False


@dataclass(frozen=True)
class Call:
    """Requests (a regular expression on ``GET /people``), and the groups of scopes of which each must be there with one."""

    request: str
    groups: tuple[tuple[str, ...], ...]


# fmt: off
SCOPES = (
    # People, licenses, organization
    Scope("spark-admin:people_read", "read the people of the organization", YES, YES, "lab, portal"),
    Scope("spark-admin:people_write", "change people and their licenses", YES, YES, "lab, portal"),
    Scope("spark-admin:licenses_read", "read the licenses of the organization and who holds them", YES, YES, "lab, portal"),
    Scope("spark-admin:roles_read", "read the roles of the organization", YES, None, "portal"),
    Scope("spark-admin:organizations_read", "read the organization", YES, None, "calls, portal"),
    Scope("spark-admin:organizations_write", "delete an organization", None, None, "reference; its spelling is not sourced"),
    Scope("spark:people_read", "read the token owner's own details, and people by name or e-mail", YES, YES, "lab, portal"),
    Scope("spark:people_write", "change the token owner's own details", YES, YES, "lab, reference"),
    Scope("spark:organizations_read", "read the organizations of the token's owner", YES, None, "portal"),
    Scope("identity:people_read", "read people through SCIM", None, None, "reference"),
    Scope("identity:people_rw", "read and change people through SCIM", None, None, "spec, reference"),
    Scope("identity:groups_read", "read groups and their members", YES, None, "portal"),
    Scope("identity:groups_rw", "read and change groups and their members", YES, None, "calls, portal"),
    Scope("identity:organizations_rw", "change identity settings of the organization", None, None, "wxc_sdk; its meaning is not sourced"),
    Scope("identity:contacts_rw", "list virtual lines and extensions in the directory", None, None, "reference"),
    Scope("Identity:contact", "read and change the organization's contacts", None, NO, "reference, wxcli"),
    Scope("Identity:SCIM", "read and change people and the organization's contacts through SCIM", None, None, "reference"),
    # Tokens and applications
    Scope("identity:tokens_read", "list the authorizations of a person", YES, YES, "spec, portal, wxc_sdk"),
    Scope("identity:tokens_write", "revoke authorizations", YES, YES, "spec, portal, wxc_sdk"),
    Scope("spark:applications_token", "mint tokens for service apps", YES, YES, "spec"),
    Scope("application:webhooks_read", "list the webhooks that tell who authorizes a service app", YES, None, "byods"),
    Scope("application:webhooks_write", "register such webhooks", YES, None, "calls, byods"),
    Scope("guest-issuer:read", "count guests", None, YES, "spec"),
    Scope("guest-issuer:write", "create guests and their tokens", None, YES, "spec"),
    # Locations, workspaces, devices
    Scope("spark-admin:locations_read", "read the locations of the organization", YES, None, "calls, portal"),
    Scope("spark-admin:locations_write", "create and change locations", YES, None, "portal"),
    Scope("spark-admin:workspace_locations_read", "read the locations of workspaces", YES, YES, "portal, wxc_sdk"),
    Scope("spark-admin:workspace_locations_write", "create and change the locations of workspaces", YES, YES, "portal, wxc_sdk"),
    Scope("spark-admin:workspaces_read", "read the workspaces of the organization", None, YES, "reference, wxc_sdk"),
    Scope("spark-admin:workspaces_write", "create and change workspaces", None, YES, "reference, wxc_sdk"),
    Scope("spark-admin:workspace_metrics_read", "read the metrics of workspaces", YES, None, "portal"),
    Scope("spark:workspaces_read", "read the settings of the token owner's workspaces", None, None, "reference"),
    Scope("spark:workspaces_write", "change the settings of the token owner's workspaces", None, None, "reference"),
    Scope("spark-admin:places_read", "read places and their services", YES, None, "portal"),
    Scope("spark-admin:places_write", "create and change places and their services", YES, None, "portal"),
    Scope("spark-admin:device_read", "read the devices and locations of the organization", None, None, "calls"),
    Scope("spark-admin:devices_read", "read the devices of the organization", YES, YES, "portal, wxc_sdk"),
    Scope("spark-admin:devices_write", "create and change devices and their settings", YES, YES, "portal, wxc_sdk"),
    Scope("spark:devices_read", "read the token owner's own devices", YES, YES, "portal, wxc_sdk"),
    Scope("spark:devices_write", "change the token owner's own devices", YES, YES, "portal, wxc_sdk"),
    Scope("spark:xapi_statuses", "read the state of RoomOS devices", YES, None, "portal"),
    Scope("spark:xapi_commands", "command RoomOS devices", YES, None, "portal"),
    Scope("identity:placeonetimepassword_create", "create activation codes for places", YES, YES, "portal, wxc_sdk"),
    Scope("Identity:one_time_password", "create activation codes", YES, YES, "portal, reference, wxc_sdk"),
    Scope("identity:one_time_password", "create activation codes", YES, YES, "spec, reference"),
    # Calling
    Scope("spark-admin:telephony_config_read", "read the calling settings, locations and numbers", YES, YES, "lab, portal"),
    Scope("spark-admin:telephony_config_write", "change the calling settings", YES, YES, "calls, portal, wxc_sdk"),
    Scope("spark-admin:telephony_pstn_read", "read emergency addresses and the connection to the telephone network", None, None, "reference"),
    Scope("spark-admin:telephony_pstn_write", "change emergency addresses and the connection to the telephone network", None, None, "reference"),
    Scope("spark-admin:calls_read", "read the calls of anybody in the organization", None, YES, "reference, wxcli"),
    Scope("spark-admin:calls_write", "control the calls of anybody in the organization", None, YES, "reference, wxcli"),
    Scope("spark-admin:calling_cdr_read", "read the detailed call history", None, NO, "reference, wxcli"),
    Scope("spark-admin:call_qualities_read", "read the quality of calls", YES, None, "portal"),
    Scope("spark-admin:xsi", "use the XSI interface for the organization", None, NO, "wxcli"),
    Scope("spark:telephony_config_read", "read the token owner's own calling settings", None, None, "reference"),
    Scope("spark:telephony_config_write", "change the token owner's own calling settings", None, None, "reference"),
    Scope("spark:calls_read", "read the token owner's own calls", YES, YES, "lab, portal"),
    Scope("spark:calls_write", "control the token owner's own calls", YES, None, "portal"),
    Scope("spark:webrtc_calling", "make calls in a browser, and create tokens for that", YES, YES, "reference, wxcli"),
    Scope("spark:xsi", "use the XSI interface for the token owner's own calls and settings", YES, NO, "wxcli"),
    # Recordings, reports, audit
    Scope("spark-admin:recordings_read", "read the recordings of calls in the organization", None, None, "reference"),
    Scope("spark-admin:recordings_write", "change the recordings of calls in the organization", None, None, "reference"),
    Scope("spark:recordings_read", "read the token owner's own recordings", None, None, "reference"),
    Scope("spark:recordings_write", "change the token owner's own recordings", None, None, "reference"),
    Scope("spark-compliance:recordings_read", "read recordings as a compliance officer", None, None, "reference"),
    Scope("spark-compliance:recordings_write", "change recordings as a compliance officer", None, None, "reference"),
    Scope("spark-compliance:events_read", "read the events of the organization as a compliance officer", YES, None, "portal"),
    Scope("analytics:read_all", "read reports, analytics and the quality of meetings", None, NO, "reference, wxcli"),
    Scope("audit:events_read", "read the audit log of the organization", YES, None, "portal"),
    # Administration of other things
    Scope("spark-admin:hybrid_clusters_read", "read hybrid clusters", YES, None, "portal"),
    Scope("spark-admin:hybrid_connectors_read", "read hybrid connectors", YES, None, "portal"),
    Scope("spark-admin:resource_groups_read", "read resource groups", YES, None, "portal"),
    Scope("spark-admin:resource_group_memberships_read", "read who is in which resource group", YES, None, "portal"),
    Scope("spark-admin:resource_group_memberships_write", "change who is in which resource group", YES, None, "portal"),
    Scope("spark-admin:broadworks_enterprises_read", "read BroadWorks enterprises", YES, None, "portal"),
    Scope("spark-admin:broadworks_enterprises_write", "change BroadWorks enterprises", YES, None, "portal"),
    Scope("spark-admin:broadworks_subscribers_read", "read BroadWorks subscribers", YES, None, "portal"),
    Scope("spark-admin:broadworks_subscribers_write", "change BroadWorks subscribers", YES, None, "portal"),
    Scope("spark-admin:broadworks_billing_reports_read", "read BroadWorks billing reports", None, None, "reference"),
    Scope("spark-admin:broadworks_billing_reports_write", "create and delete BroadWorks billing reports", None, None, "reference"),
    Scope("spark-admin:wholesale_customers_read", "read wholesale customers", YES, None, "portal"),
    Scope("spark-admin:wholesale_customers_write", "change wholesale customers", YES, None, "portal"),
    Scope("spark-admin:wholesale_subscribers_read", "read wholesale subscribers", YES, None, "portal"),
    Scope("spark-admin:wholesale_subscribers_write", "change wholesale subscribers", YES, None, "portal"),
    Scope("spark-admin:wholesale_billing_reports_read", "read wholesale billing reports", YES, None, "portal"),
    Scope("spark-admin:wholesale_billing_reports_write", "create and delete wholesale billing reports", YES, None, "portal"),
    Scope("meeting:admin_participants_read", "read who took part in the organization's meetings", YES, None, "portal"),
    Scope("meeting:admin_schedule_read", "read the organization's meetings", YES, None, "portal"),
    Scope("meeting:admin_schedule_write", "create and change the organization's meetings", YES, None, "portal"),
    Scope("meeting:admin_config_read", "read the configuration of meetings", YES, None, "portal"),
    Scope("meeting:admin_config_write", "change the configuration of meetings", YES, None, "portal"),
    # Those that cover more than one thing
    Scope("spark:all", "everything that the token's owner may do without being an admin", YES, None, "portal"),
    Scope("spark:kms", "use the keys of encrypted content", YES, YES, "wxcli, wxc_sdk"),
)
# fmt: on

PEOPLE = ("spark-admin:people_read", "spark:people_read")
LOCATIONS = ("spark-admin:locations_read", "spark-admin:people_read", "spark-admin:device_read")
GUESTS = ("guest-issuer:read", "guest-issuer:write")
# One scope, in the two spellings of Cisco's own texts.
ACTIVATION_CODES = ("identity:one_time_password", "Identity:one_time_password")

# Every one of them is a GET, and from the spec, the project's table of scopes per call, or the reference.
PROBES = (
    Probe("/people", ("spark-admin:people_read",), page=True),
    Probe("/people/me", PEOPLE, also=("spark:people_write", "spark-admin:people_write")),
    Probe("/licenses", ("spark-admin:licenses_read",)),
    Probe("/telephony/config/locations", ("spark-admin:telephony_config_read",), page=True),
    Probe("/locations", LOCATIONS, page=True),
    Probe("/organizations", ("spark-admin:organizations_read",)),
    Probe("/guests/count", GUESTS),
    Probe("/workspaces", ("spark-admin:workspaces_read",), page=True),
)

# The project's table of scopes per call.
CALLS = (
    Call(r"GET /people/.+/features/.+", (("spark-admin:people_read",),)),
    Call(r"\w+ /people/.+/features/.+", (("spark-admin:people_write",),)),
    Call(r"(POST|PUT|DELETE) /people(/.+)?", (("spark-admin:people_write",), ("spark-admin:people_read",))),
    Call(r"GET /people/me", (PEOPLE,)),
    Call(r"GET /people(/.+)?", (("spark-admin:people_read",),)),
    Call(r"PATCH /licenses/users", (("spark-admin:people_write",),)),
    Call(r"POST /identity/scim/.+/v2/Bulk", (("identity:people_rw",),)),
    Call(r"GET /licenses(/.+)?", (("spark-admin:licenses_read",),)),
    Call(r"GET /locations(/.+)?", (LOCATIONS,)),
    Call(r"(POST|PUT|DELETE) /locations(/.+)?", (("spark-admin:locations_write",),)),
    # Cisco's OpenAPI, "Retrieve PSTN Connection for a Location".
    Call(r"GET /telephony/pstn/.+", (("spark-admin:telephony_pstn_read",),)),
    Call(r"GET /devices(/.+)?", (("spark-admin:devices_read",),)),
    Call(r"DELETE /devices/.+", (("spark-admin:devices_write",),)),
    Call(r"POST /devices/activationCode", (("spark-admin:devices_write",), ACTIVATION_CODES)),
    Call(r"GET /telephony/config/.+", (("spark-admin:telephony_config_read",),)),
    Call(
        r"POST /telephony/config/jobs/person/moveLocation",
        (("spark-admin:telephony_config_write",), ("spark-admin:people_write",), ("identity:groups_rw",)),
    ),
    Call(r"\w+ /telephony/config/.+", (("spark-admin:telephony_config_write",),)),
    Call(r"GET /organizations(/.+)?", (("spark-admin:organizations_read",),)),
    Call(r"GET /authorizations", (("identity:tokens_read",),)),
    Call(r"DELETE /authorizations(/.+)?", (("identity:tokens_write",),)),
    Call(r"POST /guests/token", (("guest-issuer:write",),)),
    Call(r"GET /guests/count", (GUESTS,)),
    Call(r"POST /applications/.+/token", (("spark:applications_token",),)),
    Call(r"GET /webhooks(/.+)?", (("application:webhooks_read",),)),
    Call(r"(POST|PUT|DELETE) /webhooks(/.+)?", (("application:webhooks_write",),)),
)
