package inbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

type templateView struct{ Title, Body, Row, Text, Remove string }

type templatesData struct {
	Rows             []templateView
	Bodies           []choice
	Fields           string
	Title, Text, Row string
	May              bool
	Fault            string
}

// templates lists the templates of a person's own bodies.
func (in *Inbox) templates(r *page.Request) error {
	d, err := in.templatesData(r)
	if err != nil {
		return err
	}
	return r.Render("templates", d)
}

func (in *Inbox) templatesData(r *page.Request) (templatesData, error) {
	own := ownBodies(r.User)
	list, err := in.Store.ReplyTemplates(r.Context(), r.Region.ID, own)
	d := templatesData{Title: r.Text("title"), Text: r.Text("text"), Row: r.Text("row"), May: r.Can(access.Distribute, access.Object{}),
		Fields: "{" + strings.Join(domain.TemplateFields(), "}, {") + "}"}
	for _, t := range list {
		v := templateView{Title: t.Title, Body: r.Region.Agency(t.Body), Text: t.Text, Row: "любая"}
		if t.Row > 0 {
			v.Row = strconv.Itoa(t.Row)
		}
		if d.May {
			v.Remove = fmt.Sprintf("/inbox/templates/%d/remove", t.ID)
		}
		d.Rows = append(d.Rows, v)
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(own))) {
		d.Bodies = append(d.Bodies, choice{Value: id, Title: r.Region.Agency(id), Chosen: id == r.Text("body")})
	}
	return d, err
}

func (in *Inbox) addTemplate(r *page.Request) error {
	t := domain.ReplyTemplate{Body: r.Text("body"), Title: r.Text("title"), Text: r.Text("text"), Author: r.User.Login, At: r.Now}
	if !slices.Contains(ownBodies(r.User), t.Body) {
		t.Body = ""
	}
	var err error
	if row := r.Text("row"); row != "" {
		if t.Row, err = strconv.Atoi(row); err != nil || t.Row < 0 || t.Row > 1000 {
			err = page.Invalid("row", "Строка перечня — это её номер.")
		}
	}
	if err == nil {
		_, err = in.Store.AddReplyTemplate(r.Context(), r.Region.ID, t, r.Doer())
	}
	if err != nil {
		if !refusable(err) {
			return err
		}
		d, shown := in.templatesData(r)
		if shown != nil {
			return shown
		}
		d.Fault = in.refusalWords(r, err)
		return r.RenderStatus(http.StatusUnprocessableEntity, "templates", d)
	}
	r.Notify(page.Notice{Text: "Шаблон сохранён: " + t.Title + "."})
	return r.Redirect("/inbox/templates")
}

func (in *Inbox) removeTemplate(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	if err := in.Store.RemoveReplyTemplate(r.Context(), r.Region.ID, ownBodies(r.User), id, r.Doer()); err != nil {
		return err
	}
	r.Notify(page.Notice{Text: "Шаблон удалён."})
	return r.Redirect("/inbox/templates")
}

// fillTemplate offers the templates that fit a case, and puts the chosen one
// above the draft, which was saved by that; the joined text is not saved yet.
func (in *Inbox) fillTemplate(r *page.Request, d *taskData, c domain.Case) error {
	if d.May[string(domain.StepDraft)] == "" {
		return nil
	}
	list, err := in.Store.ReplyTemplates(r.Context(), r.Region.ID, []string{c.AgencyID})
	if err != nil {
		return err
	}
	for _, t := range list {
		if !t.For(c) {
			continue
		}
		chosen := r.Text("template") == strconv.FormatInt(t.ID, 10)
		d.Templates = append(d.Templates, choice{Value: strconv.FormatInt(t.ID, 10), Title: t.Title})
		if chosen {
			d.Draft.Text = strings.TrimSpace(t.Fill(templateValues(r, c)) + "\n\n" + d.Draft.Text)
		}
	}
	return nil
}

// templateValues are what is known of a case; what is not stays a field.
func templateValues(r *page.Request, c domain.Case) map[string]string {
	v := map[string]string{"номер": c.Number, "категория": r.Region.Category(c), "орган": r.Region.Agency(c.AgencyID)}
	if c.Place.Municipality != "" || c.Place.Street != "" {
		v["место"] = page.Place(c.Place)
	}
	if !c.Deadline.Due.IsZero() {
		v["срок"] = r.Exact(c.Deadline.Due.Add(-time.Second))
	}
	return v
}
