/* The review page: each part is a module of its own, and each works without the others. */

import { keepDrafts } from "./review/drafts.js";
import { listenToKeys } from "./review/keys.js";
import { Moments } from "./review/moments.js";
import { Player } from "./review/player.js";
import { Questions } from "./review/questions.js";
import { Search } from "./review/search.js";

const page = document.getElementById("review");
const questions = new Questions(page);
const player = new Player(page.querySelector("[data-player]"), questions);
const search = new Search(page.querySelector("[data-search]"), page);
const moments = new Moments(page, player);
const help = document.getElementById("help");
const form = document.getElementById("own-review");

const drafts = form && keepDrafts(form);
player.onHelp = () => help.showModal();
listenToKeys({ questions, player, search, moments, drafts, help });
page.classList.add("has-script");
questions.openFromAddress();
