package analytics

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// Limits of a search.
const (
	shownHits   = 50
	countedHits = 1000
	snippet     = 320 // runes
	mostWords   = 200 // runes of the query
)

type hit struct {
	Text     template.HTML // with what was found marked
	Meta     string        // «VK · Хабаровск сегодня · 26.11, 14:05»
	URL      string
	Case     string
	CasePath string
	State    string
	Category string
	Place    string
	Due      page.Chip
}

type searchView struct {
	Query  string
	Filter filterView
	Hits   []hit
	Foot   page.Foot
	Asked  bool
	XLSX   string
	Advice string // why nothing was found and what to do
	Open   bool   // the filter is used

	Named, NamedPath, NamedState string // the case whose number the words may be
	Unknown                      bool   // they are a number, and of no case in sight
}

// asked reads what a search is for.
func (p *Pages) asked(r *page.Request) (words string, d *data, err error) {
	q, err := p.read(r)
	if err != nil {
		return "", nil, err
	}
	words = r.Text("q")
	if runes := []rune(words); len(runes) > mostWords {
		words = string(runes[:mostWords])
	}
	sources, err := p.Store.Sources(r.Context(), r.Region.ID)
	return words, &data{r: r, q: q, pack: p.Pack(r.Region.ID), sources: sources}, err
}

// search finds posts; the address holds the words and the filter.
func (p *Pages) search(r *page.Request) error {
	words, d, err := p.asked(r)
	if err != nil {
		return err
	}
	q := d.q
	v := searchView{Query: words, Filter: p.filterView(r, q, d), Asked: words != "", Open: q.filter.Narrow() || q.agency != "" || !q.usual}
	if q.usual { // a search looks through everything
		v.Filter.From, v.Filter.To = "", ""
	}
	if words == "" {
		return r.Render("search", v)
	}
	named, sure, err := p.numbered(r, words)
	if err != nil {
		return err
	}
	if sure && named.ID != 0 {
		return r.Redirect(casePath(named.ID))
	}
	if named.ID != 0 {
		v.Named, v.NamedPath, v.NamedState = named.Number, casePath(named.ID), domain.StateTitle(named.State)
	}
	v.Unknown = sure
	found, err := p.Store.SearchPosts(r.Context(), r.Scope, postQuery(r, q, d.pack, words))
	if err != nil {
		return err
	}
	for _, h := range found.Hits {
		v.Hits = append(v.Hits, d.hit(h))
	}
	if len(found.Hits) > 0 {
		v.XLSX = sheet.Path(r, "/search.xlsx")
	}
	v.Foot.Words = countWords(found)
	v.Advice = advice(found, v.Open)
	return r.Render("search", v)
}

func postQuery(r *page.Request, q query, pack Pack, words string) domain.PostQuery {
	out := domain.PostQuery{Text: words, Category: q.filter.Category, Municipality: q.filter.Municipality, Source: q.filter.Source,
		Agencies: q.filter.Agencies, RestrictedRows: pack.RestrictedRows, Limit: shownHits, CountUpTo: countedHits}
	if r.Text("from") != "" {
		out.From = q.filter.From.Start(r.Region.Zone)
	}
	if r.Text("to") != "" {
		out.To = q.filter.To.Add(1).Start(r.Region.Zone)
	}
	return out
}

func countWords(found domain.PostHits) string {
	switch {
	case found.More:
		return "Найдено более " + report.NumberWords(countedHits) + ", показаны новейшие " + strconv.Itoa(len(found.Hits)) + ". Уточните слова или период."
	case found.Count > len(found.Hits):
		return "Найдено " + page.Counted(found.Count, "сообщение", "сообщения", "сообщений") + ", показаны новейшие " + strconv.Itoa(len(found.Hits)) + "."
	}
	return "Найдено " + page.Counted(found.Count, "сообщение", "сообщения", "сообщений") + "."
}

func advice(found domain.PostHits, narrowed bool) string {
	switch {
	case found.Words == "":
		return "Искать нечего: в запросе только служебные слова, знаки или исключения. Напишите хотя бы одно значимое слово."
	case len(found.Hits) > 0:
		return ""
	case narrowed:
		return "Ничего не найдено. Попробуйте снять часть условий: период, категорию или место."
	}
	return "Ничего не найдено. Слова ищутся в любой форме, е и ё не различаются; попробуйте другое слово или меньше слов."
}

// from is where a post was found: «VK», «Хабаровск сегодня», «комментарий».
func (d *data) from(h domain.PostHit) []string {
	parts := []string{page.PlatformName(h.Post.ID.Platform), d.name(domain.BySource, strconv.FormatInt(h.Post.SourceID, 10))}
	if h.Post.ID.IsComment() {
		parts = append(parts, "комментарий")
	}
	return parts
}

func whenOf(h domain.PostHit) time.Time {
	if h.Post.PublishedAt.IsZero() {
		return h.StoredAt
	}
	return h.Post.PublishedAt
}

func (d *data) hit(h domain.PostHit) hit {
	out := hit{Text: marked(h), URL: h.Post.URL, Place: page.Place(h.Place), Category: d.category(h.Category).Title}
	out.Meta = strings.Join(append(d.from(h), d.r.When(whenOf(h))), " · ")
	if c := h.Case; c.ID != 0 {
		out.Case, out.CasePath, out.State = c.Number, casePath(c.ID), domain.StateTitle(c.State)
		out.Due = d.r.Due(c)
	}
	return out
}

// marked is a piece of the text around the first mark, everything in it escaped
// but our own marks.
func marked(h domain.PostHit) template.HTML {
	text := []rune(h.Post.Text)
	from, to := window(text, h.Marks)
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	at := from
	for _, m := range h.Marks {
		if m[0] < at || m[1] > to {
			continue
		}
		b.WriteString(template.HTMLEscapeString(string(text[at:m[0]])))
		b.WriteString("<mark>" + template.HTMLEscapeString(string(text[m[0]:m[1]])) + "</mark>")
		at = m[1]
	}
	b.WriteString(template.HTMLEscapeString(string(text[at:to])))
	if to < len(text) {
		b.WriteString("…")
	}
	return template.HTML(b.String())
}

// window chooses what is shown of a long text: from a word's beginning a little
// before the first mark.
func window(text []rune, marks [][2]int) (from, to int) {
	if len(text) <= snippet || len(marks) == 0 {
		return 0, min(len(text), snippet)
	}
	from = max(0, min(marks[0][0]-snippet/4, len(text)-snippet))
	for from > 0 && from < marks[0][0] && text[from-1] != ' ' && text[from-1] != '\n' {
		from++
	}
	return from, min(len(text), from+snippet)
}
