// Live events: counters of the menu, and "desk:event" for the scripts of pages.
// Only the tab in front listens: browsers allow few connections to one server.
(function () {
  'use strict';
  var address = document.documentElement.dataset.live;
  if (!address || !window.EventSource) return;
  var point = '', source = null, lost = 0;
  var places = { queue: '/queue', tasks: '/inbox', overdue: '/terms' };
  var kinds = ['opened', 'moved', 'assigned', 'posts', 'overdue', 'changed', 'left', 'undone', 'joined', 'split', 'note', 'file', 'reply',
    'question', 'send_back', 'deferral', 'linked', 'unlinked', 'review', 'reminder', 'post_edited', 'post_deleted'].map(function (k) { return 'case_' + k; })
    .concat(['lease_taken', 'lease_released', 'review_opened', 'review_decided']);

  function data(e) { try { return JSON.parse(e.data); } catch (fault) { return {}; } }

  function tell(e) {
    point = e.lastEventId || point;
    document.dispatchEvent(new CustomEvent('desk:event', { detail: { kind: e.type, data: data(e) } }));
  }

  // Four digits stay together, a fifth sets the thousands apart: as the server writes them.
  function words(n) { return n >= 1000 ? 'более 1000' : String(n); }

  function counters(e) {
    point = e.lastEventId || point;
    var now = data(e);
    Object.keys(places).forEach(function (name) {
      var link = document.querySelector('.bar nav a[href="' + places[name] + '"]');
      if (!link) return;
      var n = link.querySelector('.n');
      if (!n) {
        n = document.createElement('b');
        n.className = 'n';
        link.append(' ', n);
      }
      var text = now[name] ? words(now[name]) : '';
      if (n.textContent !== text) n.textContent = text;
    });
    document.dispatchEvent(new CustomEvent('desk:counters', { detail: now }));
  }

  function say(text, path, word) {
    var old = document.getElementById('link-state');
    if (old) old.remove();
    if (!text) return;
    var p = document.createElement('p');
    p.id = 'link-state';
    p.className = 'banner';
    p.setAttribute('role', 'status');
    p.textContent = text + ' ';
    if (path) {
      var a = document.createElement('a');
      a.href = path;
      a.textContent = word;
      p.appendChild(a);
    }
    document.querySelector('main').before(p);
  }

  function open() {
    if (source) return;
    source = new EventSource(point ? address.replace(/after=[^&]*/, 'after=' + encodeURIComponent(point)) : address);
    source.onopen = function () {
      clearTimeout(lost);
      lost = 0;
      say('');
    };
    source.onerror = function () {
      if (!lost) lost = setTimeout(function () { say('Связь с сервером потеряна. Восстановится сама, пропущенное придёт.'); }, 5000);
      // A refusal (not a break) closes the source: try again as after a break.
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(function () { if (!document.hidden) open(); }, 5000);
      }
    };
    source.addEventListener('counters', counters);
    source.addEventListener('reload', function (e) {
      point = e.lastEventId || point;
      say('Вас долго не было: страница могла устареть.', '', '');
      document.dispatchEvent(new CustomEvent('desk:event', { detail: { kind: 'reload', data: {} } }));
    });
    source.addEventListener('signed-out', function () {
      close();
      address = '';
      say('Сеанс закончился.', '/login?to=' + encodeURIComponent(location.pathname + location.search), 'Войти снова');
    });
    kinds.forEach(function (kind) { source.addEventListener(kind, tell); });
  }

  // A page that shows a case or a list of them asks, when one of them has changed,
  // whether what it shows is still so; if not it offers to be drawn anew. What is
  // being typed stays.
  var watch = document.querySelector('[data-watch]'), asking = 0, asked = 0;

  function ask() {
    asked = Date.now();
    fetch(watch.dataset.at, { headers: { 'Desk-Seen': watch.dataset.seen } }).then(function (answer) {
      asking = 0;
      var gone = answer.status === 404 && watch.dataset.watch !== 'all';
      var said = document.getElementById('changed');
      if (!gone && (said || answer.headers.get('Desk-Changed') !== 'yes')) return;
      if (said) said.remove(); // that it is gone is worse than that it has changed
      var p = document.createElement('p'), a = document.createElement('a');
      p.id = 'changed';
      p.className = 'banner';
      p.setAttribute('role', 'status');
      p.append(gone ? 'Инцидент больше не у вас, сохранить здесь ничего нельзя: ' :
        watch.dataset.watch === 'all' ? 'Список изменился: ' : 'Пока страница открыта, здесь что-то изменилось: ', a);
      a.href = gone ? '/' : watch.dataset.at;
      a.textContent = gone ? 'к началу' : 'обновить';
      document.querySelector('main').before(p);
    }, function () { asking = 0; }); // the next event asks again
  }

  if (watch) document.addEventListener('desk:event', function (e) {
    var d = e.detail, all = watch.dataset.watch === 'all';
    if (asking || /^lease_/.test(d.kind) || d.kind !== 'reload' && !all && String(d.data.case) !== watch.dataset.watch) return;
    asking = setTimeout(ask, Math.max(800, asked + (all ? 10000 : 0) - Date.now()));
  });

  function close() {
    if (!source) return;
    source.close();
    source = null;
  }

  document.addEventListener('visibilitychange', function () {
    if (document.hidden) close(); else if (address) open();
  });
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', function () { if (address && !document.hidden) open(); });
  if (!document.hidden) open();
}());
