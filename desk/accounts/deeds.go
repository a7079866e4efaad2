package accounts

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// note is a line of the journal about an account.
func note(r *page.Request, action string, a domain.Speaker, words string) domain.Entry {
	return domain.EntryOf(r.Doer(), action, "account", page.PlatformName(a.Platform)+" "+a.Address, words)
}

func called(a domain.Speaker) string {
	if a.Title != "" {
		return "«" + a.Title + "»"
	}
	return page.PlatformName(a.Platform) + " " + a.Address
}

// add checks the token with its platform, then keeps the account.
func (p *Pages) add(r *page.Request) error {
	faults := map[string]string{}
	a := domain.Speaker{Region: r.Region.ID, Platform: domain.Platform(r.Text("platform"))}
	if !slices.Contains(domain.Platforms(), a.Platform) {
		return page.Invalid("platform", "Выберите площадку из списка.")
	}
	if err := read(r, &a, faults); err != nil {
		return err
	}
	a.Address = number(a.Platform, r.Text("address"))
	if a.Address == "" && a.Platform == domain.VK {
		faults["address"] = "Назовите сообщество: его номер или ссылку вида vk.ru/club123."
	}
	var sealed []byte
	if len(faults) == 0 {
		var fault string
		if a, sealed, fault = p.checked(r, a); fault != "" {
			faults["token"] = fault
		}
	}
	if len(faults) == 0 {
		id, err := p.Store.KeepAccount(r.Context(), a, sealed, r.Doer(), note(r, "account_added", a, "добавлен "+called(a)+"; отвечает за: "+forWords(r, a)))
		if err == nil {
			r.Notify(page.Notice{Text: called(a) + " добавлен: площадка приняла токен. Отвечать от его имени начнём в ближайшие секунды."})
			return r.Redirect(address(id))
		}
		if !errors.Is(err, domain.ErrExists) {
			return err
		}
		faults["address"] = "Такой аккаунт уже есть, возможно, в другом регионе."
	}
	v := p.form(r, domain.AccountUse{Account: domain.Account{Speaker: a}})
	v.Faults = faults
	return r.RenderStatus(http.StatusUnprocessableEntity, "account", v)
}

// checked asks the platform about the token of the form and seals it; fault is a
// sentence about what is wrong. The token itself goes nowhere else.
func (p *Pages) checked(r *page.Request, a domain.Speaker) (domain.Speaker, []byte, string) {
	token := r.Text("token")
	if token == "" {
		return a, nil, "Вставьте токен: без него площадка не пустит."
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkLimit)
	defer cancel()
	found, err := p.Platforms.Check(ctx, a, token)
	if err != nil {
		return a, nil, "Площадка не приняла токен: " + err.Error() + "."
	}
	sealed, err := p.Platforms.Seal(found, token)
	if err != nil {
		return found, nil, sentence(err.Error())
	}
	return found, sealed, ""
}

func (p *Pages) change(r *page.Request) error {
	was, err := p.own(r)
	if err != nil {
		return err
	}
	a, faults := was, map[string]string{}
	if err := read(r, &a.Speaker, faults); err != nil {
		return err
	}
	v := p.form(r, a)
	v.Faults, v.Seen = faults, r.Text("seen")
	if len(faults) > 0 {
		return r.RenderStatus(http.StatusUnprocessableEntity, "account", v)
	}
	err = p.Store.ChangeAccount(r.Context(), a.Speaker, v.Seen, note(r, "account_changed", a.Speaker, called(a.Speaker)+"; отвечает за: "+forWords(r, a.Speaker)))
	if errors.Is(err, domain.ErrStale) {
		return p.stale(r, v)
	}
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: called(a.Speaker) + ": сохранено."})
	return r.Redirect(address(a.ID))
}

// stale shows the form again as it was filled in, beside what a colleague has made
// of the account meanwhile: a second press writes over it, knowingly.
func (p *Pages) stale(r *page.Request, v formView) error {
	now, err := p.own(r)
	if err != nil {
		return err
	}
	v.Seen, v.Now = now.Mark(), called(now.Speaker)+"; отвечает за: "+forWords(r, now.Speaker)
	return r.RenderStatus(http.StatusConflict, "account", v)
}

func forWords(r *page.Request, a domain.Speaker) string { return strings.Join(answersFor(r, a), ", ") }

// token gives the account another one.
func (p *Pages) token(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	found, sealed, fault := p.checked(r, a.Speaker)
	if fault == "" && found.Address != a.Address {
		fault = "Это токен другого аккаунта, " + found.Address + ": добавьте его отдельно."
	}
	if fault != "" {
		v := p.form(r, a)
		v.Faults["token"] = fault
		return r.RenderStatus(http.StatusUnprocessableEntity, "account", v)
	}
	err = p.Store.RenewToken(r.Context(), r.Region.ID, a.ID, sealed, found.Title, r.Now, note(r, "account_token", a.Speaker, "заменён токен, площадка его приняла"))
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: called(a.Speaker) + ": токен заменён, площадка его приняла."})
	return r.Redirect(address(a.ID))
}

// check asks the platform about the token that is kept.
func (p *Pages) check(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkLimit)
	defer cancel()
	title, broken, err := p.Platforms.Again(ctx, a.Speaker)
	if errors.Is(err, domain.ErrUnavailable) || errors.Is(err, domain.ErrNotFound) {
		return err
	}
	if err != nil {
		r.Notify(page.Notice{Text: called(a.Speaker) + " не проверен: " + err.Error() + ".", Bad: true})
		return r.Redirect(address(a.ID))
	}
	if a.Title != "" { // what people call it stays
		title = ""
	}
	words := "площадка принимает токен"
	if broken != "" {
		words = "не работает: " + broken
	}
	if err := p.Store.MarkAccount(r.Context(), a.ID, broken, title, r.Now, note(r, "account_checked", a.Speaker, words)); err != nil {
		return err
	}
	r.Notify(page.Notice{Text: called(a.Speaker) + ": " + words + ".", Bad: broken != ""})
	return r.Redirect(address(a.ID))
}

func (p *Pages) pause(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	why := r.Text("why")
	if why == "" {
		why = "без объяснения"
	}
	err = p.Store.PauseAccount(r.Context(), a.Platform, a.Address, why+" ("+r.User.Name+")", note(r, "account_paused", a.Speaker, "остановлен: "+why))
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: called(a.Speaker) + " остановлен: его ответы ждут.", Undo: address(a.ID) + "/resume"})
	return r.Redirect(address(a.ID))
}

func (p *Pages) resume(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	err = p.Store.ResumeAccount(r.Context(), a.Platform, a.Address, note(r, "account_resumed", a.Speaker, "пауза снята"))
	switch {
	case errors.Is(err, domain.ErrNotFound): // a second click
		r.Notify(page.Notice{Text: called(a.Speaker) + " и так не на паузе."})
	case err != nil:
		return err
	default:
		r.Notify(page.Notice{Text: called(a.Speaker) + ": пауза снята, отправка продолжится в ближайшие секунды."})
	}
	return r.Redirect(address(a.ID))
}

// retire marks an account whose token must not be used any more, before its
// platform says so: stolen, or the community was given away.
func (p *Pages) retire(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	why := r.Text("why")
	if why == "" {
		return page.Invalid("why", "Напишите, почему от имени аккаунта больше нельзя отвечать: это прочитают коллеги.")
	}
	err = p.Store.RetireAccount(r.Context(), r.Region.ID, a.ID, why+" ("+r.User.Name+")", note(r, "account_retired", a.Speaker, "отключён: "+why))
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: called(a.Speaker) + " отключён. Токен отзовите и на площадке."})
	return r.Redirect(address(a.ID))
}

func (p *Pages) remove(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	err = p.Store.RemoveAccount(r.Context(), r.Region.ID, a.ID, r.Now, note(r, "account_removed", a.Speaker, "удалён вместе с токеном"))
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: called(a.Speaker) + " удалён вместе с токеном. На площадке токен ещё действует: отзовите его там."})
	return r.Redirect("/accounts")
}
