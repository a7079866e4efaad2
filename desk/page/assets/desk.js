// The desk's own script. Pages work without it; it adds keys, the clock and
// notices that leave by themselves.
//
// Keys are physical (KeyboardEvent.code), so they work in both layouts.
//   data-key="KeyZ"      pressing the key clicks the element
//   data-key-words="…"   what the key does, for the list shown by ?
//   data-list            a list; its data-item children are walked with J and K
//   data-open            within an item: the link that Enter opens
//   a checkbox           within an item: X ticks it
(function () {
  'use strict';

  var russian = { KeyQ: 'Й', KeyW: 'Ц', KeyE: 'У', KeyR: 'К', KeyT: 'Е', KeyY: 'Н', KeyU: 'Г', KeyI: 'Ш', KeyO: 'Щ', KeyP: 'З',
    KeyA: 'Ф', KeyS: 'Ы', KeyD: 'В', KeyF: 'А', KeyG: 'П', KeyH: 'Р', KeyJ: 'О', KeyK: 'Л', KeyL: 'Д', KeyZ: 'Я', KeyX: 'Ч',
    KeyC: 'С', KeyV: 'М', KeyB: 'И', KeyN: 'Т', KeyM: 'Ь' };

  function label(code) {
    if (russian[code]) return code.slice(3) + ' (' + russian[code] + ')';
    return code.replace('Digit', '').replace('Escape', 'Esc').replace('Slash', '/');
  }

  function typing(el) {
    return el.isContentEditable || /^(TEXTAREA|SELECT)$/.test(el.tagName) ||
      (el.tagName === 'INPUT' && !/^(checkbox|radio|button|submit)$/.test(el.type));
  }

  function visible(el) { return el.getClientRects().length > 0 && !el.disabled; }

  function items() {
    return Array.prototype.filter.call(document.querySelectorAll('[data-list] [data-item]'), visible);
  }

  function current(list) {
    var el = document.activeElement && document.activeElement.closest('[data-item]');
    return list.indexOf(el || document.querySelector('[data-list] [data-item].here'));
  }

  function go(step) {
    var list = items();
    if (!list.length) return false;
    var at = current(list);
    var next = list[Math.max(0, Math.min(list.length - 1, at + step))];
    list.forEach(function (el) { el.classList.remove('here'); });
    next.classList.add('here');
    if (!next.hasAttribute('tabindex')) next.tabIndex = -1;
    next.focus();
    next.dispatchEvent(new CustomEvent('desk:here', { bubbles: true }));
    return true;
  }

  function open() {
    var list = items();
    var el = list[current(list)];
    if (!el) return false;
    var link = el.querySelector('[data-open]') || el.querySelector('a[href]');
    if (!link) return false;
    link.click();
    return true;
  }

  function box(item) { return item && item.querySelector('input[type=checkbox]:not([disabled])'); }

  function tick() {
    var list = items(), el = box(list[current(list)]);
    if (!el) return false;
    el.click();
    return true;
  }

  function showKeys() {
    var dialog = document.getElementById('keys');
    if (dialog) { dialog.close(); return; }
    dialog = document.createElement('dialog');
    dialog.id = 'keys';
    dialog.setAttribute('aria-label', 'Клавиши');
    var rows = [];
    if (items().length) rows.push(['J (О), K (Л)', 'следующая и предыдущая строка']);
    if (items().length && !document.querySelector('[data-key=Enter]')) rows.push(['Enter', 'открыть строку']);
    if (items().some(box)) rows.push([label('KeyX'), 'отметить строку']);
    if (document.getElementById('search')) rows.push(['/', 'поиск']);
    Array.prototype.filter.call(document.querySelectorAll('[data-key]'), visible).forEach(function (el) {
      var words = el.dataset.keyWords || el.textContent.replace(/\s+/g, ' ').trim();
      if (el.tagName !== 'DIALOG') rows.push([label(el.dataset.key), words]);
    });
    rows.push(['?', 'этот список'], ['Esc', 'закрыть']);
    var h = document.createElement('h2');
    h.textContent = 'Клавиши: в обеих раскладках';
    var table = document.createElement('table');
    rows.forEach(function (r) {
      var tr = table.insertRow(), kbd = document.createElement('kbd');
      kbd.textContent = r[0];
      tr.insertCell().appendChild(kbd);
      tr.insertCell().textContent = r[1];
    });
    var close = document.createElement('button');
    close.type = 'button';
    close.textContent = 'Закрыть';
    close.addEventListener('click', function () { dialog.close(); });
    dialog.append(h, table, close);
    dialog.addEventListener('close', function () { dialog.remove(); });
    document.body.appendChild(dialog);
    dialog.showModal();
  }

  document.addEventListener('keydown', function (e) {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    var el = document.activeElement || document.body;
    if (e.code === 'Escape') {
      if (typing(el)) { el.blur(); return; }
      var me = document.querySelector('details.me[open]');
      if (me) me.open = false;
      return;
    }
    if (typing(el) || document.querySelector('dialog[open]:not(#keys)')) return;
    if (document.getElementById('keys') && e.key !== '?') return;
    var used = true;
    if (e.key === '?' || (e.code === 'Slash' && e.shiftKey)) showKeys();
    else if (e.shiftKey) used = false;
    else if (e.code === 'Slash') {
      var search = document.getElementById('search');
      if (search) { search.focus(); search.select(); } else used = false;
    } else if (e.code === 'Enter' && (el === document.body || el.matches('[data-item]'))) used = press('Enter') || open();
    else if (e.code === 'Enter') used = false;
    else if (press(e.code)) used = true;
    else if (e.code === 'KeyJ') used = go(1);
    else if (e.code === 'KeyK') used = go(-1);
    else if (e.code === 'KeyX') used = tick();
    else used = false;
    if (used) e.preventDefault();
  });

  function press(code) {
    var el = Array.prototype.find.call(document.querySelectorAll('[data-key="' + code + '"]'), visible);
    if (!el) return false;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName) && !/^(checkbox|radio|submit|button)$/.test(el.type)) el.focus();
    else el.click();
    // A box that was opened is for typing or choosing at once.
    var box = el.tagName === 'SUMMARY' && el.parentNode.open && el.parentNode.querySelector(
      'input:not([type=hidden]):not([type=file]), textarea, select, form button');
    if (box) box.focus();
    return true;
  }

  document.addEventListener('click', function (e) {
    if (e.target.closest('[data-dismiss]')) e.target.closest('.notice').remove();
    if (e.target.closest('[data-keys]')) showKeys();
    var me = document.querySelector('details.me[open]');
    if (me && !me.contains(e.target)) me.open = false;
  });

  // A second click on a button that is already at work does nothing.
  document.addEventListener('submit', function (e) {
    if (e.defaultPrevented || e.target.method !== 'post') return;
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = '1';
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-sent]').forEach(function (f) { delete f.dataset.sent; });
  });
  document.addEventListener('htmx:afterRequest', function (e) {
    var f = e.target.closest && e.target.closest('form');
    if (f) delete f.dataset.sent;
  });

  // Undo is offered for ten seconds, other notices stay as long.
  function fade() {
    var n = document.querySelector('#notice .notice:not(.bad):not([data-leaving])');
    if (!n) return;
    n.dataset.leaving = '1';
    setTimeout(function () { if (n.isConnected && !n.contains(document.activeElement)) n.remove(); }, 10000);
  }
  fade();
  document.addEventListener('htmx:afterSwap', fade);
  document.addEventListener('htmx:sendError', function () {
    var at = document.getElementById('notice');
    at.textContent = '';
    var n = document.createElement('div');
    n.className = 'notice bad';
    n.textContent = 'Сервер не отвечает. Действие не выполнено: проверьте связь и повторите.';
    at.appendChild(n);
  });

  // A day is typed as people here write it; the browser's calendar stands beside.
  function calendars(root) {
    root.querySelectorAll('input.day:not([data-calendar])').forEach(function (field) {
      var pick = document.createElement('input');
      if (!pick.showPicker) return;
      field.dataset.calendar = '1';
      pick.type = 'date';
      pick.className = 'daypick';
      pick.tabIndex = -1;
      pick.setAttribute('aria-hidden', 'true');
      if (field.dataset.min) pick.min = field.dataset.min;
      if (field.dataset.max) pick.max = field.dataset.max;
      var open = document.createElement('button');
      open.type = 'button';
      open.className = 'dayopen';
      open.textContent = '▾';
      open.title = 'Календарь';
      open.setAttribute('aria-label', 'Выбрать день в календаре');
      open.addEventListener('click', function () {
        var m = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(field.value.trim());
        pick.value = m ? m[3] + '-' + ('0' + m[2]).slice(-2) + '-' + ('0' + m[1]).slice(-2) : '';
        pick.showPicker();
      });
      pick.addEventListener('change', function () {
        if (pick.value) field.value = pick.value.split('-').reverse().join('.');
        field.dispatchEvent(new Event('change', { bubbles: true }));
        field.focus();
      });
      var box = document.createElement('span');
      box.className = 'daybox';
      field.before(box);
      box.append(field, pick, open);
    });
  }
  calendars(document);

  // The region's clock goes on from the time the page was made.
  var clock = document.getElementById('clock');
  if (clock) {
    var at = clock.getAttribute('datetime');
    var wall = Date.parse(at.slice(0, 19) + 'Z'), began = Date.now();
    setInterval(function () {
      var text = new Date(wall + Date.now() - began).toISOString().slice(11, 16);
      if (clock.textContent !== text) clock.textContent = text;
    }, 1000);
  }
}());
