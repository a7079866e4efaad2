package inbox

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// templateData is one template: its form, how it will look, what it said before.
type templateData struct {
	Form   templateForm
	Path   string
	Body   string
	May    bool
	Now    string // what a colleague has made of it meanwhile
	Before []templateBefore
	Author string
	When   string
}

type templateBefore struct {
	Version                        int
	Title, Row, Text, Author, When string
}

func (in *Inbox) ownTemplate(r *page.Request) (t domain.ReplyTemplate, before []domain.ReplyTemplate, err error) {
	id, err := r.PathID("id")
	if err != nil {
		return t, nil, err
	}
	t, before, err = in.Store.ReplyTemplate(r.Context(), r.Region.ID, keepers(r), id)
	if errors.Is(err, domain.ErrNotFound) {
		return t, nil, page.NotFound("Такого шаблона нет: его удалили, или он другого органа.")
	}
	return t, before, err
}

// template shows one template.
func (in *Inbox) template(r *page.Request) error {
	t, before, err := in.ownTemplate(r)
	if err != nil {
		return err
	}
	f := templateForm{ReplyTemplate: t}
	if t.Row > 0 {
		f.Row = strconv.Itoa(t.Row)
	}
	in.look(r, &f)
	return in.showTemplate(r, http.StatusOK, f, t, before, "")
}

func (in *Inbox) showTemplate(r *page.Request, status int, f templateForm, kept domain.ReplyTemplate, before []domain.ReplyTemplate, now string) error {
	name := in.personNames(r)
	d := templateData{Form: f, Path: "/inbox/templates/" + strconv.FormatInt(kept.ID, 10), Body: r.Region.Agency(kept.Body),
		May: r.Can(access.ManageTemplates, access.Object{}), Now: now, Author: name(kept.Author), When: r.When(kept.At)}
	for _, b := range before {
		d.Before = append(d.Before, templateBefore{Version: b.Version, Title: b.Title, Row: rowWords(b.Row), Text: b.Text, Author: name(b.Author), When: r.When(b.At)})
	}
	return r.RenderStatus(status, "template", d)
}

// changeTemplate looks at what stands in the form, or keeps it.
func (in *Inbox) changeTemplate(r *page.Request) error {
	kept, before, err := in.ownTemplate(r)
	if err != nil {
		return err
	}
	t := kept
	if t.Version, err = r.Int("version", 0); err != nil {
		return err
	}
	f, err := in.readTemplate(r, t)
	switch {
	case err == nil && f.Looked:
		return in.showTemplate(r, http.StatusOK, f, kept, before, "")
	case err == nil:
		err = in.Store.ChangeReplyTemplate(r.Context(), r.Region.ID, keepers(r), f.ReplyTemplate, r.Doer())
	}
	if errors.Is(err, domain.ErrStale) { // a second press writes over it, knowingly
		f.Version = kept.Version
		return in.showTemplate(r, http.StatusConflict, f, kept, before, "«"+kept.Title+"»: "+kept.Text)
	}
	if err != nil {
		if !refusable(err) {
			return err
		}
		f.Fault = in.refusalWords(r, err)
		return in.showTemplate(r, http.StatusUnprocessableEntity, f, kept, before, "")
	}
	r.Notify(page.Notice{Text: "Шаблон сохранён: " + f.Title + "."})
	return r.Redirect("/inbox/templates/" + strconv.FormatInt(kept.ID, 10))
}
