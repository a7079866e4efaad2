package analytics

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/exports"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// incidents orders the cases of the filter in the layout control centres use
// today, 47 columns.
func (p *Pages) incidents(r *page.Request) error {
	q, err := p.read(r)
	if err != nil {
		return err
	}
	d, err := p.load(r, q)
	if err != nil {
		return err
	}
	title := "Инциденты " + q.periodWords()
	sheet := report.Sheet{Title: "Инциденты", Note: d.note(), Columns: report.IncidentColumns(), Zone: r.Region.Zone}
	layout := layout{region: r.Region, pack: d.pack, now: r.Now}
	scope := r.ScopeFor(access.Export)
	return p.Exports.Start(r, exports.File{Title: title, Total: d.total, Sheets: func(ctx context.Context) []report.Sheet {
		sheet.Rows = func(yield func(report.Row, error) bool) {
			err := p.Store.EachIncident(ctx, scope, q.filter, layout.region.Zone, func(f domain.IncidentFile) error {
				if !yield(layout.row(f), nil) {
					return context.Canceled
				}
				return nil
			})
			if err != nil && ctx.Err() == nil {
				yield(report.Row{}, err)
			}
		}
		return []report.Sheet{sheet}
	}})
}

// layout turns cases into lines of the 47 columns. It holds what was so when the
// file was ordered.
type layout struct {
	region page.Region
	pack   Pack
	now    time.Time
}

func (l layout) row(f domain.IncidentFile) report.Row {
	c := f.Case
	category := (&data{pack: l.pack}).category(key(c))
	first, second := l.bodies(c.AgencyID)
	n := report.Incident{
		Region: l.region.Name, ID: c.ID, Number: c.Number, Department: first, Executor: second,
		AssignedAt: f.AssignedAt, Step: domain.StateTitle(c.State), CreatedAt: c.RegisteredAt, EndedAt: f.ClosedAt,
		TopicGroup: category.Group, Topic: category.Name, Place: c.Place, Type: kindWords(f.KindOfCase), Outcome: outcomeWords(f.Outcome),
		MediaInReply: f.MediaSent, MediaInPost: f.Media, PostURL: f.URL, SourceURL: sourceURL(f.Source, f.Address), Text: f.Text,
		ClosingReason: closingWords(f.ClosingReason), Audience: f.Reach, Remark: remark(f), SatisfactionAt: f.SatisfactionAt,
		SurveySent: f.Surveyed, Account: accountWords(f.Speaker),
		// The author's page is left out: law.md §4 keeps no profiles. The page says so.
	}
	l.replies(&n, f)
	return n.Row()
}

// replies fills in texts and the clocks around the first of them.
func (l layout) replies(n *report.Incident, f domain.IncidentFile) {
	for i, reply := range f.Replies {
		if i < len(n.Replies) {
			n.Replies[i] = reply.Text
		}
	}
	n.InNorm = "-"
	at := f.FirstReactionAt
	if len(f.Replies) > 0 {
		first := f.Replies[0]
		n.FirstReply, n.ApprovalAt = first.Text, first.SubmittedAt
		if !first.SubmittedAt.IsZero() && !first.DecidedAt.IsZero() {
			n.InApproval = first.DecidedAt.Sub(first.SubmittedAt)
		}
		if at.IsZero() {
			at = first.PublishedAt
		}
	}
	if at.IsZero() {
		return
	}
	n.FirstReplyAt = at
	n.FirstReplyWork = l.working(f.Case.RegisteredAt, at, nil)
	if f.AssignedAt.IsZero() || at.Before(f.AssignedAt) {
		return
	}
	n.BodyReplyAt, n.Reaction = at, l.working(f.AssignedAt, at, f.Pauses)
	if l.pack.FirstReaction > 0 {
		n.InNorm = "Да"
		if n.Reaction > l.pack.FirstReaction {
			n.InNorm = "Нет"
		}
	}
}

// working is the working time; the norm stands still while the author is asked (R8).
func (l layout) working(from, to time.Time, pauses []domain.Pause) time.Duration {
	d, err := l.region.Almanac().NormTime(from, to, pauses, l.pack.WorkDay)
	if err != nil {
		return 0 // a year the calendar does not know
	}
	return d
}

// bodies are the first-level body and the one below it that has the case.
func (l layout) bodies(id string) (first, second string) {
	if id == "" {
		return "", ""
	}
	parents := map[string]string{}
	for _, a := range l.region.Agencies {
		parents[a.ID] = a.Parent
	}
	top := id
	for range len(parents) { // a circle in the data must not hang us
		if parents[top] == "" {
			break
		}
		top = parents[top]
	}
	if top == id {
		return l.region.Agency(id), ""
	}
	return l.region.Agency(top), l.region.Agency(id)
}

func key(c domain.Case) string {
	if c.Row > 0 {
		return "row:" + strconv.Itoa(c.Row)
	}
	return "topic:" + c.Topic
}

// kindWords leaves empty what nobody has said.
func kindWords(kind string) string {
	switch kind {
	case "informational":
		return "Информационный"
	case "solvable":
		return "Решаемый"
	}
	return ""
}

// accountWords is the account an answer was published from; a token of the
// environment has no title.
func accountWords(s domain.Speaker) string {
	switch {
	case s.Title != "" || s.Address == "":
		return s.Title
	case s.Platform == domain.VK:
		return "https://vk.ru/club" + s.Address
	case s.Platform == domain.MAX:
		return "MAX, бот " + s.Address
	}
	return "Telegram, бот " + s.Address
}

func outcomeWords(outcome string) string {
	switch outcome {
	case "solved":
		return "Решено"
	case "explained":
		return "Разъяснено"
	}
	return ""
}

func closingWords(reason string) string {
	switch reason {
	case "author_satisfied":
		return "Автор доволен"
	case "author_silent":
		return "Нет ответа от автора"
	case "author_unreachable", "dialogue_pointless": // the product's list has no nearer one
		return "Дальнейший диалог нецелесообразен"
	case "not_a_problem":
		return "Не обращение"
	case "advert":
		return "Реклама"
	case "spam":
		return "Спам"
	case "other_region":
		return "Другой регион"
	case "no_details":
		return "Недостаточно сведений"
	case "answered_before":
		return "Ответ уже дан"
	}
	return ""
}

func remark(f domain.IncidentFile) string {
	var parts []string
	if f.PosNumber != "" {
		parts = append(parts, "ПОС "+f.PosNumber)
	}
	if f.SedNumber != "" {
		parts = append(parts, "СЭД "+f.SedNumber)
	}
	return strings.Join(append(parts, f.Case.Reason), "; ")
}

// sourceURL is the address of a wall or channel as people open it.
func sourceURL(kind domain.SourceKind, address string) string {
	switch kind {
	case domain.VKWall:
		if id, community := strings.CutPrefix(address, "-"); community {
			return "https://vk.ru/club" + id
		}
		return "https://vk.ru/" + address
	case domain.VKLongPoll, domain.VKCallback:
		return "https://vk.ru/club" + address
	case domain.TelegramPreview:
		return "https://t.me/" + address
	}
	return ""
}
