/* Makes the form kinder; it works without. ES2015, as old WeChat browsers have it. */
(function () {
  'use strict';

  var SLOW_AFTER = 15000; // ms; a phone that has waited that long has usually lost the network

  var form = document.querySelector('form[data-sending]');
  var survey = document.querySelector('form[data-survey]');
  var draftKey = 'careloop.draft:' + location.pathname;
  var sending = 0;

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  /* Private windows may refuse storage; then there is no draft. */
  function store(value) {
    try {
      if (value) { sessionStorage.setItem(draftKey, JSON.stringify(value)); }
      else { sessionStorage.removeItem(draftKey); }
    } catch (refused) { /* nothing to be done */ }
  }

  function stored() {
    try { return JSON.parse(sessionStorage.getItem(draftKey)) || {}; } catch (refused) { return {}; }
  }

  function say(text) { document.getElementById('state').textContent = text || ''; }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  /* Sending: once, and not into the void. */

  function wait() {
    var button = form.querySelector('button');
    button.setAttribute('data-said', button.textContent);
    button.textContent = form.getAttribute('data-sending');
    button.setAttribute('aria-disabled', 'true');
    sending = setTimeout(function () { go(); say(form.getAttribute('data-slow')); }, SLOW_AFTER);
  }

  function go() {
    var button = form.querySelector('button');
    clearTimeout(sending);
    sending = 0;
    if (button.getAttribute('data-said')) { button.textContent = button.getAttribute('data-said'); }
    button.removeAttribute('aria-disabled');
  }

  function onSubmit(event) {
    if (sending) { event.preventDefault(); return; }
    say('');
    if (survey && !complete()) { event.preventDefault(); return; }
    if (navigator.onLine === false) {
      event.preventDefault();
      say(form.getAttribute('data-offline'));
      return;
    }
    wait();
  }

  /* Questions */

  function controls(card) { return all('input, textarea', card); }

  function answered(card) {
    return controls(card).some(function (one) {
      return one.type === 'radio' ? one.checked : one.value.trim() !== '';
    });
  }

  function tooLong(card) {
    var area = card.querySelector('textarea');
    return Boolean(area) && length(area) > Number(area.getAttribute('data-limit'));
  }

  /* As the server counts: characters, not halves of them. */
  function length(area) { return Array.from(area.value.trim()).length; }

  function mark(card, wrong) {
    var error = card.querySelector('.error');
    card.classList.toggle('wrong', wrong);
    error.hidden = !wrong || !error.textContent.trim();
    controls(card).forEach(function (one) {
      if (wrong) { one.setAttribute('aria-invalid', 'true'); } else { one.removeAttribute('aria-invalid'); }
    });
  }

  function complete() {
    var wrong = all('[data-question]').filter(function (card) {
      var missing = card.hasAttribute('data-required') && !answered(card);
      mark(card, missing);
      return missing || tooLong(card);
    });
    if (!wrong.length) { return true; }
    say(fill(form.getAttribute(wrong.length === 1 ? 'data-one' : 'data-some'), { n: wrong.length }));
    wrong[0].scrollIntoView({ block: 'center' });
    controls(wrong[0])[0].focus({ preventScroll: true });
    return false;
  }

  function progress() {
    var cards = all('[data-question]');
    var place = document.getElementById('progress');
    var done = cards.filter(answered).length;
    place.hidden = false;
    place.firstElementChild.value = done;
    place.firstElementChild.setAttribute(
      'aria-label', fill(place.getAttribute('data-said'), { n: done, all: cards.length }));
    place.lastElementChild.textContent = done + ' / ' + cards.length;
  }

  function count(area) {
    var limit = Number(area.getAttribute('data-limit'));
    var used = length(area);
    var place = area.parentNode.querySelector('.counter');
    var over = used > limit;
    place.classList.toggle('over', over);
    place.textContent = used < limit * 0.8 ? '' :
      fill(place.getAttribute(over ? 'data-over' : 'data-left'), { n: Math.abs(limit - used) });
  }

  /* What was typed survives a reload, a lost network and a change of language. */

  function keep() {
    var draft = {};
    controls(survey).forEach(function (one) {
      if (one.type !== 'radio' || one.checked) { draft[one.name] = one.value; }
    });
    store(draft);
  }

  function restore() {
    var draft = stored();
    all('[data-question]').filter(function (card) { return !answered(card); }).forEach(function (card) {
      controls(card).forEach(function (one) {
        if (!Object.prototype.hasOwnProperty.call(draft, one.name)) { return; }
        if (one.type === 'radio') { one.checked = one.value === draft[one.name]; }
        else { one.value = draft[one.name]; }
      });
    });
  }

  function onInput(event) {
    var card = event.target.closest('[data-question]');
    if (!card) { return; }
    if (answered(card)) { mark(card, false); say(''); }
    if (event.target.nodeName === 'TEXTAREA') { count(event.target); }
    keep();
    progress();
  }

  /* A page that was only prefetched was not opened by anybody. */
  function tellOpened() {
    if (document.visibilityState === 'hidden') { return; }
    document.removeEventListener('visibilitychange', tellOpened);
    fetch(survey.getAttribute('data-opened'), { method: 'POST', credentials: 'same-origin' })
      .catch(function () { /* the answer will say it */ });
  }

  if (document.body.hasAttribute('data-answered')) { store(null); }

  if (form) {
    form.addEventListener('submit', onSubmit);
    window.addEventListener('pageshow', go); // back from a failed page
    window.addEventListener('online', function () { say(''); });
    window.addEventListener('offline', function () { say(form.getAttribute('data-offline')); });
  }

  if (survey) {
    restore();
    all('textarea', survey).forEach(count);
    progress();
    survey.addEventListener('input', onInput);
    survey.addEventListener('change', onInput);
    if (document.getElementById('wrong')) { document.getElementById('wrong').focus(); }
    document.addEventListener('visibilitychange', tellOpened);
    tellOpened();
  }
})();
