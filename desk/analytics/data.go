package analytics

import (
	"fmt"
	"math"
	"strconv"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// data is everything the page shows, read once.
type data struct {
	r       *page.Request
	q       query
	pack    Pack
	sources []domain.Source

	now, ghost    map[domain.Date]int64
	total, before int64
	groups        map[domain.Group][]domain.KeyCount
	past          map[domain.Group]map[string]int64 // cases of the period before, by key
}

func (p *Pages) load(r *page.Request, q query) (*data, error) {
	d := &data{r: r, q: q, pack: p.Pack(r.Region.ID), groups: map[domain.Group][]domain.KeyCount{}, past: map[domain.Group]map[string]int64{}}
	var err error
	if d.sources, err = p.Store.Sources(r.Context(), r.Region.ID); err != nil {
		return nil, err
	}
	if d.now, d.total, err = p.days(r, q.filter); err != nil {
		return nil, err
	}
	if d.ghost, d.before, err = p.days(r, q.before()); err != nil {
		return nil, err
	}
	for _, by := range []domain.Group{domain.ByCategory, domain.ByMunicipality, domain.ByAgency, domain.BySource} {
		if d.groups[by], err = p.Store.KeyCounts(r.Context(), r.Scope, q.filter, by); err != nil {
			return nil, err
		}
		before, err := p.Store.KeyCounts(r.Context(), r.Scope, q.before(), by)
		if err != nil {
			return nil, err
		}
		d.past[by] = map[string]int64{}
		for _, k := range before {
			d.past[by][k.Key] = k.Cases
		}
	}
	return d, nil
}

func (p *Pages) days(r *page.Request, f domain.CaseFilter) (map[domain.Date]int64, int64, error) {
	counts, err := p.Store.DayCounts(r.Context(), r.Scope, f)
	if err != nil {
		return nil, 0, err
	}
	out, total := map[domain.Date]int64{}, int64(0)
	for _, c := range counts {
		out[c.Day] = c.Cases
		total += c.Cases
	}
	return out, total, nil
}

// head is «За 30 дней 1 234 инцидента, на 12 % больше, чем за 30 дней до них».
func (d *data) head() string {
	length := page.Days(d.q.length())
	words := fmt.Sprintf("За %s %s", length, report.Count(d.total, "инцидент", "инцидента", "инцидентов"))
	switch change := change(d.total, d.before); {
	case d.before == 0 && d.total == 0:
		return words + "."
	case d.before == 0:
		return words + fmt.Sprintf("; за %s до них не было ни одного.", length)
	case change == 0:
		return words + fmt.Sprintf(", столько же, сколько за %s до них.", length)
	case change > 0:
		return words + fmt.Sprintf(", на %d\u00a0%% больше, чем за %s до них.", change, length)
	default:
		return words + fmt.Sprintf(", на %d\u00a0%% меньше, чем за %s до них.", -change, length)
	}
}

func change(now, before int64) int {
	if before == 0 {
		return 0
	}
	return int(math.Round(float64(now-before) / float64(before) * 100))
}

func (d *data) note() string { return d.r.Region.Name + ", " + d.q.periodWords() + d.chosen() }

// chosen is what the filter names besides the period.
func (d *data) chosen() (note string) {
	f := d.q.filter
	if f.Category != "" {
		note += "; " + d.name(domain.ByCategory, f.Category)
	}
	if f.Municipality != "" {
		note += "; " + d.name(domain.ByMunicipality, trimNone(f.Municipality))
	}
	if d.q.agency != "" {
		note += "; " + d.r.Region.Agency(d.q.agency) + " с подведомственными"
	}
	if f.Source != 0 {
		note += "; " + d.name(domain.BySource, strconv.FormatInt(f.Source, 10))
	}
	return note
}

func trimNone(id string) string {
	if id == "-" {
		return ""
	}
	return id
}

func (d *data) xlsx(id string) string {
	v := d.q.values()
	v.Set("only", id)
	return "/analytics/tables.xlsx?" + v.Encode()
}

// days is the line by day with the period before as its ghost.
func (d *data) days() figure {
	t := report.Table{Title: "Инциденты по дням", Note: d.note(), Columns: []report.Column{{Title: "День", Kind: report.Day}, {Title: "Инцидентов", Kind: report.Number, Hint: "По дню регистрации; отклонённые и присоединённые к другим не считаются"},
		{Title: "День до того", Kind: report.Day, Hint: "Соответствующий день предыдущего периода той же длины"}, {Title: "Было", Kind: report.Number}}}
	var points []report.Point
	most, mostDay := int64(-1), d.q.filter.From
	for i := range d.q.length() {
		day := d.q.filter.From.Add(i)
		ghost := day.Add(-d.q.length())
		n, was := d.now[day], d.ghost[ghost]
		if n > most {
			most, mostDay = n, day
		}
		points = append(points, report.Point{Label: day.Words()[:5], Value: float64(n), Ghost: float64(was)})
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{report.On(day), report.Num(n), report.On(ghost), report.Num(was)}})
	}
	text := d.head() + fmt.Sprintf(" Больше всего %s: %d.", mostDay.Words(), most)
	o := report.LineOptions{ID: "days", Title: t.Title + ", инцидентов в день", Text: text, Series: "этот период", Ghost: page.Days(d.q.length()) + " до него"}
	wide := report.Line(points, o)
	o.Narrow = true
	return figure{ID: "days", Chart: report.Chart{SVG: wide, Narrow: report.Line(points, o), Table: t}, XLSX: d.xlsx("days")}
}

// shownBars is how many bars a figure has; the table has all.
const shownBars = 10

func (d *data) bars(by domain.Group) figure {
	titles := map[domain.Group][2]string{domain.ByCategory: {"О чём", "Категория"}, domain.ByMunicipality: {"Где", "Муниципалитет"}, domain.ByAgency: {"Кто отвечает", "Орган"}, domain.BySource: {"Откуда", "Источник"}}
	parameter := string(by)
	t := report.Table{Title: titles[by][0] + ": инцидентов за период", Note: d.note(), Columns: []report.Column{{Title: titles[by][1], Width: 64},
		{Title: "Инцидентов", Kind: report.Number}, {Title: "Доля", Kind: report.Share, Hint: "Во всех инцидентах периода"}, {Title: "Было", Kind: report.Number, Hint: "За предыдущий период той же длины"},
		{Title: "Без модерации", Kind: report.Number, Hint: "Поручено программой без участия аналитика"},
		{Title: "Из них отменено", Kind: report.Number, Hint: "Потом возвращено органом, отклонено или отнесено к другой строке"}, {Title: "Доля отменённых", Kind: report.Share}}}
	var points []report.Point
	for _, k := range d.groups[by] {
		link := d.link(by, parameter, k.Key)
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{report.Str(d.name(by, k.Key)).To(link), report.Num(k.Cases), report.Part(k.Cases, d.total),
			report.Num(d.past[by][k.Key]), report.Num(k.Unseen), report.Num(k.Reversed), report.Part(k.Reversed, k.Unseen)}})
		if len(points) < shownBars && k.Cases > 0 {
			points = append(points, report.Point{Label: d.short(by, k.Key), Value: float64(k.Cases), Link: link})
		}
	}
	text := "Нет инцидентов."
	if len(points) > 0 {
		text = fmt.Sprintf("Больше всего: %s, %s.", points[0].Label, report.NumberWords(points[0].Value))
	}
	o := report.BarOptions{ID: parameter, Title: t.Title, Text: text, Kind: report.Number}
	wide := report.Bars(points, o)
	o.Narrow = true
	f := figure{ID: parameter, XLSX: d.xlsx(parameter), Chart: report.Chart{Table: t, SVG: wide, Narrow: report.Bars(points, o)}}
	if more := len(t.Rows) - len(points); more > 0 && len(points) == shownBars {
		f.Foot = fmt.Sprintf("Показаны первые %d, ещё %d — в таблице.", shownBars, more)
	}
	return f
}

// link narrows the page to one bar.
func (d *data) link(by domain.Group, parameter, key string) string {
	switch {
	case by == domain.ByMunicipality && key == "":
		key = "-"
	case by == domain.ByAgency && key == "", by == domain.BySource && key == "0":
		return ""
	}
	return d.q.with(parameter, key)
}

// name of a key in full.
func (d *data) name(by domain.Group, key string) string {
	switch by {
	case domain.ByCategory:
		return d.category(key).Title
	case domain.ByMunicipality:
		return d.municipality(key)
	case domain.ByAgency:
		if key == "" {
			return "ещё не поручено"
		}
		return d.r.Region.Agency(key)
	case domain.BySource:
		for _, s := range d.sources {
			if strconv.FormatInt(s.ID, 10) == key {
				return sourceName(s)
			}
		}
		return "источник удалён или не известен"
	}
	return key
}

// short is the name without what a bar has no room for.
func (d *data) short(by domain.Group, key string) string {
	if by == domain.ByCategory {
		return d.category(key).Short
	}
	return d.name(by, key)
}

func (d *data) category(key string) Category {
	for _, c := range d.pack.Categories {
		if c.Key == key {
			return c
		}
	}
	return Category{Key: key, Title: "обычный порядок: тема не названа", Short: "обычный порядок"}
}

func (d *data) municipality(id string) string {
	for _, m := range d.pack.Municipalities {
		if m.Key == id {
			return m.Title
		}
	}
	return "место не названо"
}

// unseenWords is the share assigned unseen and later reversed, in a sentence.
func (d *data) unseenWords() string {
	var unseen, reversed int64
	for _, k := range d.groups[domain.ByMunicipality] {
		unseen, reversed = unseen+k.Unseen, reversed+k.Reversed
	}
	if unseen == 0 {
		return "За период ничего не поручено без модерации."
	}
	return fmt.Sprintf("Без модерации поручено %s из %s; потом отменено %s (%d\u00a0%%): возвращено органом, отклонено или отнесено к другой строке.",
		report.NumberWords(float64(unseen)), report.NumberWords(float64(max(unseen, d.total))), report.NumberWords(float64(reversed)), int(math.Round(float64(reversed)/float64(unseen)*100)))
}
