# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's settings for the documentation, which tests/tools/docs_site.py builds."""

from __future__ import annotations

import pathlib
import typing as t

from docutils import nodes

if t.TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = title = html_title = html_short_title = "collabops.webex"
copyright = "collabops contributors"
extensions = ["sphinx_antsibull_ext"]
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
# A name of an earlier version: its page says only that.
exclude_patterns = ["service_app_scopes_module.rst"]

html_theme = "sphinx_ansible_theme"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_search_scorer = str(pathlib.Path(__file__).parent / "scorer.js")
html_show_sphinx = False
html_use_index = False
html_use_modindex = False

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
# Labels of Ansible's own documentation that antsibull-docs refers to.
PAGES_OF_ANSIBLE = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def address_in_ansible(label: str) -> str | None:
    """Return where Ansible's own documentation has a label or an environment variable; None if it has not."""
    if label in PAGES_OF_ANSIBLE:
        return f"{ANSIBLE}{PAGES_OF_ANSIBLE[label]}"
    # With "__", it is an option of a plugin.
    if label.startswith("ansible_collections.ansible.builtin.") and "__" not in label:
        return f"{ANSIBLE}collections/{label.removeprefix('ansible_collections.').replace('.', '/')}.html"
    if label.startswith("ANSIBLE_"):
        return f"{ANSIBLE}reference_appendices/config.html#envvar-{label}"
    return None


def refer_to_ansible(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Resolve a reference to Ansible's own documentation, without the network that an inventory of it would need."""
    address = address_in_ansible(node["reftarget"])
    return nodes.reference("", "", content, refuri=address, internal=False) if address else None


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("missing-reference", refer_to_ansible)
