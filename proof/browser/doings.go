package browser

import (
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/otklik/otklik/demo"
)

// has reports whether a page has an element that can be seen, by now.
func (t *Tab) has(css string) (bool, error) {
	return Evaluate[bool](t, "[...document.querySelectorAll("+quoted(css)+")].some(e => e.getClientRects().length > 0)")
}

// pressed presses the first element of a selector: a menu, a box.
func pressed(css string) func(*Tab) (bool, error) {
	return func(t *Tab) (bool, error) {
		if ok, err := t.has(css); !ok || err != nil {
			return false, err
		}
		return true, t.Click(css)
	}
}

// typing opens a box, types into its field and waits for what comes of it.
func typing(box, field, text, then string) func(*Tab) (bool, error) {
	return func(t *Tab) (bool, error) {
		if ok, err := pressed(box)(t); !ok || err != nil {
			return false, err
		}
		return true, steps(func() error { return t.Type(field, text) }, func() error { return t.There(then) })
	}
}

// posts goes from the queue to all posts of the case in hand.
func posts(t *Tab) (bool, error) {
	card, err := Evaluate[string](t, "document.querySelector(\"#pane header a[href^='/case/']\")?.getAttribute('href') || ''")
	if err != nil || card == "" {
		return false, err
	}
	return true, steps(func() error { return t.Go(card + "/posts") }, func() error { return t.There(".said") })
}

func keys(t *Tab) (bool, error) {
	return true, steps(func() error { return t.Key("Slash", "?") }, func() error { return t.There("dialog[open]") })
}

func wrongPassword(t *Tab) (bool, error) {
	return true, steps(func() error { return t.give("nobody27", "wrong") }, func() error { return t.There("#fault") })
}

func tryText(t *Tab) (bool, error) {
	return true, steps(
		func() error {
			return t.Type("main textarea", "Третью неделю на Карла Маркса у дома 120 огромная яма, машины бьют колёса")
		},
		func() error { return t.Click("main button.main") },
		func() error { return t.Has("Кандидаты") },
	)
}

// orderBulk puts one case of the queue aside by list, and waits for the end.
func orderBulk(t *Tab) (bool, error) {
	if ok, err := t.has("input[name=case]:not([disabled])"); !ok || err != nil {
		return false, err
	}
	return true, steps(
		func() error { return t.Click("input[name=case]:not([disabled])") },
		func() error { return t.Click("form.bulk summary") },
		func() error { return t.Click("form.bulk button[value=aside]") },
		func() error { return t.At("/queue/bulk/") },
		func() error {
			return t.Await("the end of the work", "document.querySelector('#progress:not([hx-get])')")
		},
	)
}

// orderExport asks for the cases of the page as a workbook.
func orderExport(t *Tab) (bool, error) {
	const ask = "form[action^='/analytics/incidents'] button"
	if ok, err := t.has(ask); !ok || err != nil {
		return false, err
	}
	return true, steps(func() error { return t.Click(ask) }, func() error { return t.At("/exports/") })
}

// beAway marks an absence of today and opens what was on the person.
func beAway(t *Tab) (bool, error) {
	today, err := Evaluate[string](t, "document.getElementById('clock').getAttribute('datetime').slice(0, 10)")
	if err != nil {
		return false, err
	}
	const list = "main a[href^='/inbox/absences/']"
	begun, err := t.has(list)
	if err != nil {
		return false, err
	}
	if !begun {
		err = steps(
			func() error { return t.Type("input[name=from]", today) },
			func() error { return t.Type("input[name=to]", today) },
			func() error { return t.Click("form.form button.main") },
			func() error { return t.Await("the absence to be there", "document.querySelector("+quoted(list)+")") },
		)
	}
	if err != nil {
		return false, err
	}
	path, err := t.follow("/inbox/absences", list)
	if err != nil {
		return false, err
	}
	return true, t.Go(path)
}

// enrolled ends at the recovery codes of a second factor.
func enrolled(t *Tab) (bool, error) {
	if ok, err := t.has("p.codes"); !ok || err != nil {
		return false, err
	}
	return true, t.Enroll()
}

// Enroll sets up a second factor on its page.
func (t *Tab) Enroll() error {
	secret, err := Evaluate[string](t, "document.querySelector('p.codes').textContent")
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(strings.TrimSpace(secret), " ", ""), time.Now())
	if err != nil {
		return err
	}
	list := []func() error{func() error { return t.Type("input[name=code]", code) }}
	if again, err := t.has("input[name=password]"); err != nil {
		return err
	} else if again { // in place of an older one
		list = append(list, func() error { return t.Type("input[name=password]", demo.Password) })
	}
	return steps(append(list,
		func() error { return t.Click("button.main") },
		func() error { return t.Has("Второй фактор включён") },
	)...)
}

// password gives the administrator's, who has a second factor by then: what
// comes next is the page of its code. A demonstration asks for none.
func password(t *Tab) (bool, error) {
	err := steps(
		func() error { return t.give("admin27", demo.Password) },
		func() error {
			return t.Await("what comes after the password", "location.pathname !== '/login' && document.readyState === 'complete'")
		},
	)
	if err != nil {
		return false, err
	}
	return Evaluate[bool](t, "location.pathname === '/login/code'")
}

// announce writes an announcement and looks at it.
func announce(t *Tab) (bool, error) {
	return true, steps(
		func() error {
			return t.Type("textarea[name=text]", "Завтра с 9 до 17 часов не будет воды: меняем трубу.")
		},
		func() error { return t.Click("input[name=place]") },
		func() error { return t.Click("main form button.main") },
		func() error {
			return t.Await("the announcement to be kept", "location.pathname.match(/announcements\\/\\d+/)")
		},
	)
}

// template keeps a template and opens it.
func template(t *Tab) (bool, error) {
	const link = "main a[href^='/inbox/templates/']"
	begun, err := t.has(link)
	if err == nil && !begun {
		err = steps(
			func() error { return t.Type("input[name=title]", "Яма: принято в работу") },
			func() error {
				return t.Type("textarea[name=text]", "Сообщение № {номер} рассмотрено. Работы по адресу {место} выполнят до {когда}.")
			},
			func() error { return t.Click("form.form button.main") },
			func() error { return t.Await("the template to be kept", "document.querySelector("+quoted(link)+")") },
		)
	}
	if err != nil {
		return false, err
	}
	path, err := t.follow("/inbox/templates", link)
	if err != nil || path == "" {
		return false, err
	}
	return true, t.Go(path)
}
