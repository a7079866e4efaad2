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
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

type templateView struct{ Title, Body, Row, Text, Path, Remove string }

type templatesData struct {
	Rows   []templateView
	Fields string
	Form   templateForm
	May    bool
	Up     bool // «Поручения» are open to the person
	XLSX   string
}

// templateForm is a template being written, with how it will look.
type templateForm struct {
	domain.ReplyTemplate

	Row     string // as it stands in the field
	Bodies  []choice
	Fault   string
	Looked  bool // Preview is of what stands in the fields
	Preview string
	Open    []string // what a person fills in
	Checks  []faultView
}

// keepers are the bodies whose templates somebody sees: their own, an administrator
// those of the region.
func keepers(r *page.Request) []string {
	out := ownBodies(r.User)
	if r.User.HasRole(domain.RoleAdministrator) {
		for _, a := range r.Region.Agencies {
			out = append(out, a.ID)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// templates lists the templates of a person's bodies.
func (in *Inbox) templates(r *page.Request) error {
	return in.showTemplates(r, http.StatusOK, templateForm{})
}

func (in *Inbox) showTemplates(r *page.Request, status int, form templateForm) error {
	own := keepers(r)
	list, err := in.Store.ReplyTemplates(r.Context(), r.Region.ID, own)
	if err != nil {
		return err
	}
	d := templatesData{Up: r.Can(access.SeeInbox, access.Object{}), May: r.Can(access.ManageTemplates, access.Object{}), Fields: "{" + strings.Join(domain.TemplateFields(), "}, {") + "}", Form: form}
	for _, t := range list {
		v := templateRow(r, t)
		if d.May {
			v.Remove = v.Path + "/remove"
		}
		d.Rows = append(d.Rows, v)
	}
	if len(list) > 0 {
		d.XLSX = sheet.Path(r, "/inbox/templates.xlsx")
	}
	d.Form.Bodies = keeperChoices(r, own, form.Body)
	return r.RenderStatus(status, "templates", d)
}

func templateRow(r *page.Request, t domain.ReplyTemplate) templateView {
	return templateView{Title: t.Title, Body: r.Region.Agency(t.Body), Text: t.Text, Row: rowWords(t.Row), Path: fmt.Sprintf("/inbox/templates/%d", t.ID)}
}

func rowWords(row int) string {
	if row == 0 {
		return "любая"
	}
	return strconv.Itoa(row)
}

func keeperChoices(r *page.Request, bodies []string, chosen string) (out []choice) {
	for _, id := range bodies {
		out = append(out, choice{Value: id, Title: r.Region.Agency(id), Chosen: id == chosen})
	}
	return out
}

// readTemplate takes a template out of the form; the error says what is wrong.
func (in *Inbox) readTemplate(r *page.Request, t domain.ReplyTemplate) (templateForm, error) {
	t.Title, t.Text, t.Author, t.At = r.Text("title"), strings.ReplaceAll(r.Text("text"), "\r\n", "\n"), r.User.Login, r.Now
	if t.ID == 0 {
		if t.Body = r.Text("body"); !slices.Contains(keepers(r), t.Body) {
			t.Body = ""
		}
	}
	f := templateForm{Row: r.Text("row"), Looked: r.Text("look") != ""}
	var err error
	t.Row = 0
	if f.Row != "" {
		if t.Row, err = strconv.Atoi(f.Row); err != nil || t.Row < 0 || t.Row > maxRow {
			err = page.Invalid("row", "Строка перечня — это её номер.")
		}
	}
	f.ReplyTemplate = t
	if err == nil {
		err = t.Check()
	}
	if hard := domain.HardFaults(in.look(r, &f)); err == nil && len(hard) > 0 {
		err = &domain.ReplyFaults{Faults: hard}
	}
	return f, err
}

const maxRow = 1000

// look fills a template from an invented case and gives the faults of what comes of it.
func (in *Inbox) look(r *page.Request, f *templateForm) []domain.ReplyFault {
	f.Preview = f.Fill(map[string]string{"номер": "27-2026-000001", "категория": sampleCategory(r, f.ReplyTemplate), "место": "ул. Ленина, 5",
		"орган": r.Region.Agency(f.Body), "срок": r.Today().Add(sampleDays).Words()})
	f.Open = domain.OpenFields(f.Preview)
	faults := in.templateFaults(r, f.Preview)
	f.Checks = faultViews(faults, nil)
	return faults
}

const sampleDays = 10

func sampleCategory(r *page.Request, t domain.ReplyTemplate) string {
	return r.Region.Category(domain.Case{Region: r.Region.ID, Row: max(1, t.Row)})
}

// templateFaults are what keeps an answer from going out whatever a person fills in:
// open fields are what a template has them for.
func (in *Inbox) templateFaults(r *page.Request, text string) []domain.ReplyFault {
	check := in.rules(r).CheckReply
	if check == nil || text == "" {
		return nil
	}
	return slices.DeleteFunc(check(domain.ReplyToCheck{Text: text, Public: true, Platforms: domain.Platforms()}), func(f domain.ReplyFault) bool {
		return f.Name == domain.AnswerOpenField
	})
}

func (in *Inbox) addTemplate(r *page.Request) error {
	f, err := in.readTemplate(r, domain.ReplyTemplate{})
	if err == nil && f.Looked {
		return in.showTemplates(r, http.StatusOK, f)
	}
	if err == nil {
		_, err = in.Store.AddReplyTemplate(r.Context(), r.Region.ID, f.ReplyTemplate, r.Doer())
	}
	if err != nil {
		if !refusable(err) {
			return err
		}
		f.Fault = in.refusalWords(r, err)
		return in.showTemplates(r, http.StatusUnprocessableEntity, f)
	}
	r.Notify(page.Notice{Text: "Шаблон сохранён: " + f.Title + "."})
	return r.Redirect("/inbox/templates")
}

func (in *Inbox) removeTemplate(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	if err := in.Store.RemoveReplyTemplate(r.Context(), r.Region.ID, keepers(r), id, r.Doer()); err != nil {
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
