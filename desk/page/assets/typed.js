// What was typed into a form that came too late, because the session had ended, is
// kept in this tab until its author is back on the page, and offered there.
(function () {
  'use strict';
  var key = 'desk:typed';

  function me() {
    var el = document.querySelector('.me summary');
    return el ? el.title : '';
  }

  function read() {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch (e) { return null; }
  }
  function write(v) {
    try { if (v) sessionStorage.setItem(key, JSON.stringify(v)); else sessionStorage.removeItem(key); } catch (e) { /* a tab without storage keeps nothing */ }
  }

  function action(form) { return new URL(form.getAttribute('hx-post') || form.getAttribute('action') || location.href, location.href).pathname; }
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (el) {
      return el.name && (el.tagName === 'TEXTAREA' || el.tagName === 'INPUT' && /^(text|search|url|tel|email)$/.test(el.type));
    });
  }

  function keep(form) {
    var list = fields(form).filter(function (el) { return el.value.trim(); }).map(function (el) { return [el.name, el.value]; });
    write(list.length ? { who: me(), page: location.pathname, action: action(form), fields: list } : null);
  }
  document.addEventListener('submit', function (e) {
    if (e.target.method === 'post' && me()) keep(e.target);
  }, true);

  function find(kept) {
    return Array.prototype.find.call(document.forms, function (f) {
      return f.method === 'post' && action(f) === kept.action && fields(f).some(function (el) { return el.name === kept.fields[0][0]; });
    });
  }

  function bring(kept, form) {
    var first;
    kept.fields.forEach(function (pair) {
      var el = fields(form).find(function (f) { return f.name === pair[0]; });
      if (!el) return;
      el.value = pair[1];
      el.dispatchEvent(new Event('input', { bubbles: true }));
      first = first || el;
    });
    for (var d = form.closest('details'); d; d = d.parentNode.closest('details')) d.open = true;
    if (first) first.focus();
  }

  function offer(kept, form) {
    var at = document.getElementById('notice'), n = document.createElement('div'), b = document.createElement('button');
    n.className = 'notice bad'; // stays until it is answered
    n.textContent = 'Сеанс закончился раньше, чем текст отправился. Он сохранён. ';
    b.type = 'button';
    b.textContent = 'Вернуть набранное';
    b.addEventListener('click', function () { n.remove(); bring(kept, form); });
    n.appendChild(b);
    at.appendChild(n);
  }

  var kept = read();
  if (!kept) return;
  if (location.pathname.indexOf('/login') === 0) {
    if (/[?&]ended=1/.test(location.search)) { kept.lost = true; write(kept); }
    return;
  }
  if (!me()) return; // a second step of the login
  var form = kept.lost && kept.who === me() && kept.page === location.pathname && find(kept);
  write(null);
  if (form) offer(kept, form);
}());
