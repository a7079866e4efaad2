// Поручения: what a page without script does with one more click.
(function () {
  'use strict';

  // Filters send themselves; the button is for pages without script.
  document.querySelectorAll('[data-send]').forEach(function (el) {
    el.addEventListener('change', function () { el.form.requestSubmit(); });
  });
  document.querySelectorAll('.filter .send').forEach(function (el) { el.hidden = true; });

  // Nobody stands in for themselves.
  document.querySelectorAll('select[data-away]').forEach(function (el) {
    var deputies = el.form.elements[el.dataset.away];
    function follow() {
      Array.prototype.forEach.call(deputies.options, function (o) {
        o.hidden = o.disabled = o.value !== '' && o.value === el.value;
        if (o.disabled && o.selected) deputies.value = '';
      });
    }
    el.addEventListener('change', follow);
    follow();
  });

  // How long the answer is, as its platform counts. Nothing is cut off: whoever pastes
  // a longer one sees by how much.
  document.querySelectorAll('textarea[data-length]').forEach(function (el) {
    var out = document.getElementById(el.dataset.length);
    function count() {
      // Telegram counts UTF-16 units, the others characters.
      var n = 'utf16' in el.dataset ? el.value.length : Array.from(el.value).length, most = Number(el.dataset.most);
      out.textContent = n > most ? 'Написано ' + n + ', лишних ' + (n - most) + '.' : 'Написано ' + n + '.';
      out.className = n > most ? 'over' : '';
    }
    el.addEventListener('input', count);
    count();
  });

  // Choosing rows: all of the page, and how many.
  var all = document.querySelector('[data-all]');
  if (all) {
    var boxes = document.querySelectorAll('input[name="' + all.dataset.all + '"]');
    var say = document.querySelector('[data-picked]');
    all.closest('label').hidden = false;
    var show = function () {
      var n = Array.prototype.filter.call(boxes, function (b) { return b.checked; }).length;
      say.textContent = n ? ' · ' + n : '';
      all.checked = n === boxes.length;
      all.indeterminate = n > 0 && n < boxes.length;
    };
    all.addEventListener('change', function () {
      boxes.forEach(function (b) { b.checked = all.checked; });
      show();
    });
    boxes.forEach(function (b) { b.addEventListener('change', show); });
    show();
  }

  // On a phone the actions wait behind a button that stays in reach.
  document.querySelectorAll('.acts .menu').forEach(function (el) {
    if (window.matchMedia('(max-width: 760px)').matches) {
      el.open = !!el.querySelector('details[open]');
      el.parentNode.classList.add('afloat');
    }
  });

  // A draft that was not saved is not lost by a wrong click.
  var form = document.getElementById('answer');
  if (form) {
    var text = form.elements.text, before = text.value, leaving = false;
    form.addEventListener('submit', function () { leaving = true; });
    window.addEventListener('beforeunload', function (e) {
      if (!leaving && text.value !== before) e.preventDefault();
    });
  }
}());
