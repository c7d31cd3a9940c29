/* Copyright (c) 2026 collabops contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sphinx gives each page the score of its best word, so that all pages with "Webex" in the title are equal. Here, the page comes
 * first whose title has most of the words, and among equal ones the shortest title. */
const query = new URLSearchParams(window.location.search).get("q") || "";
const words = query.toLowerCase().split(/\W+/).filter((word) => word.length > 2);

var Scorer = {
  score: ([document, title, anchor, description, score]) => {
    const matches = words.filter((word) => title.toLowerCase().includes(word));
    return score + 10 * matches.length - title.length / 10;
  },
  // What follows is Sphinx's own.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
