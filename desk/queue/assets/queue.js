// The queue's own script: it keeps the list and the thing in hand together.
// Without it every line is a link and every decision a form.
(function () {
  'use strict';
  document.documentElement.classList.add('js');

  function pane() { return document.getElementById('pane'); }

  // A decision must never hit the thing that is on its way out: while another is
  // being fetched the buttons do nothing.
  function busy(on) {
    var p = pane();
    if (!p) return;
    if (on) p.setAttribute('aria-busy', 'true'); else p.removeAttribute('aria-busy');
    p.querySelectorAll('button').forEach(function (b) {
      if (on && !b.disabled) { b.disabled = true; b.dataset.held = '1'; }
      if (!on && b.dataset.held) { b.disabled = false; delete b.dataset.held; }
    });
  }

  function show(line) {
    if (!line || !window.htmx) return;
    document.querySelectorAll('.line.here').forEach(function (el) { el.classList.remove('here'); });
    line.classList.add('here');
    busy(true);
    var path = '/queue/pane/' + line.dataset.ref.replace('-', '/') + location.search.replace(/([?&])at=[^&]*&?/, '$1').replace(/[?&]$/, '');
    htmx.ajax('GET', path, { source: '#pane', target: '#pane', swap: 'outerHTML' });
    var at = new URL(location.href);
    at.searchParams.set('at', line.dataset.ref);
    history.replaceState(null, '', at);
  }

  document.addEventListener('desk:here', function (e) {
    var line = e.target.closest('.line');
    clearTimeout(show.later); // J held down fetches only where it stops
    busy(true);
    show.later = setTimeout(function () { show(line); }, 90);
  });

  document.addEventListener('click', function (e) {
    var link = e.target.closest('.line a[data-open]');
    if (link && window.htmx && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) {
      e.preventDefault();
      var line = link.closest('.line');
      line.focus();
      show(line);
      if (window.matchMedia('(max-width: 760px)').matches) window.scrollTo(0, 0);
    }
    document.querySelectorAll('details.menu[open]').forEach(function (d) { if (!d.contains(e.target)) d.open = false; });
  });

  // An opened box is for typing or choosing at once.
  document.addEventListener('toggle', function (e) {
    if (!e.target.open || !e.target.closest('#pane')) return;
    var first = e.target.querySelector('input:not([type=hidden]), textarea, select, form button');
    if (first && !e.target.contains(document.activeElement.closest('input, select, textarea'))) first.focus();
  }, true);

  document.addEventListener('keydown', function (e) {
    var el = document.activeElement;
    if (e.code === 'Escape') {
      var open = document.querySelectorAll('#pane details[open]');
      open.forEach(function (d) { d.open = false; });
      if (open.length && el && el.closest('details')) el.blur();
    }
    if (e.code === 'Enter' && el && el.id === 'find') { // the first found, not the whole form
      e.preventDefault();
      var radio = document.querySelector('#found input[type=radio]');
      if (radio) {
        el.blur(); // else the swap gives the focus back to a field nobody sees, and it eats the next keys
        radio.click();
      }
    }
    var menu = el && el.closest('.menu form');
    if (menu && (e.code === 'ArrowDown' || e.code === 'ArrowUp')) {
      var all = Array.prototype.slice.call(menu.querySelectorAll('button, input:not([type=hidden])'));
      var next = all[all.indexOf(el) + (e.code === 'ArrowDown' ? 1 : -1)];
      if (next) { next.focus(); e.preventDefault(); }
    }
  });

  document.addEventListener('htmx:beforeRequest', function (e) {
    var to = e.detail.target && e.detail.target.id;
    if (to === 'work' || to === 'pane') busy(true);
  });
  document.addEventListener('htmx:afterRequest', function (e) {
    var until = e.detail.xhr && e.detail.xhr.getResponseHeader('Lease-Until');
    if (until && pane()) pane().dataset.until = until;
    var to = e.detail.target && e.detail.target.id;
    if (e.detail.failed && (to === 'work' || to === 'pane' || to === 'notice')) busy(false);
    if (e.detail.xhr && e.detail.xhr.status === 409) refresh();
  });

  // What was ticked stays ticked when the list is fetched anew, and the place in it
  // stays. What has changed meanwhile was ticked as it no longer is: it loses its tick,
  // and the list says so.
  var ticked = {}, unticked = '', top = 0, boxes = 'input[name=case], input[name=review]';
  function thing(box) { return box.name + box.value.split(':')[0]; }
  function retick(list) {
    var lost = [];
    list.querySelectorAll(boxes).forEach(function (b) {
      var was = ticked[thing(b)];
      if (!was || b.disabled) return;
      if (was === b.value) { b.checked = true; return; }
      lost.push(b.closest('.line'));
    });
    var note = document.getElementById('unticked');
    if (!note || !lost.length && !unticked) return;
    lost.forEach(function (line) { line.classList.add('changed'); });
    if (lost.length) unticked = (lost.length === 1 ? 'Отмеченная строка изменилась' : 'Отмеченные строки изменились: ' + lost.length) + '. Отметка снята: посмотрите и отметьте снова.';
    note.textContent = unticked;
    note.hidden = false;
  }
  document.addEventListener('change', function (e) {
    if (!e.target.matches(boxes)) return;
    unticked = '';
    var note = document.getElementById('unticked');
    if (note) note.hidden = true;
  });
  document.addEventListener('htmx:beforeSwap', function (e) {
    var list = document.getElementById('list');
    ticked = {};
    if (!list) return;
    top = list.scrollTop;
    list.querySelectorAll(boxes).forEach(function (b) { if (b.checked) ticked[thing(b)] = b.value; });
    var to = e.detail.target && e.detail.target.id;
    if (to === 'list' && list.contains(document.activeElement) && document.activeElement.closest('form')) e.detail.shouldSwap = false;
  });
  document.addEventListener('htmx:afterSwap', function () {
    var list = document.getElementById('list');
    if (!list) return;
    list.scrollTop = top;
    retick(list);
    var at = pane() && pane().dataset.ref;
    list.querySelectorAll('.line').forEach(function (l) { l.classList.toggle('here', l.dataset.ref === at); });
    var here = list.querySelector('.line.here');
    if (here) here.scrollIntoView({ block: 'nearest' });
    if (at) {
      var url = new URL(location.href);
      url.searchParams.set('at', at);
      history.replaceState(null, '', url);
    }
  });

  function refresh() {
    clearTimeout(refresh.later);
    refresh.later = setTimeout(function () {
      var list = document.getElementById('list');
      if (list && window.htmx) htmx.trigger(list, 'desk:refresh');
    }, 800);
  }
  document.addEventListener('desk:event', refresh);

  // The thing in hand stays ours while the page is open and somebody is there.
  setInterval(function () {
    var p = pane();
    if (p && p.dataset.lease && !document.hidden && window.htmx) htmx.ajax('POST', p.dataset.lease, { source: p, swap: 'none' });
  }, 40000);
  window.addEventListener('pagehide', function () {
    var p = pane();
    if (p && p.dataset.lease && navigator.sendBeacon) navigator.sendBeacon('/queue/leave', new URLSearchParams({ until: p.dataset.until }));
  });

  var filter = document.querySelector('form[data-filter]');
  if (filter) filter.addEventListener('change', function () { filter.requestSubmit(); });
}());
