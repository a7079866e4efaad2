package report

import (
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// Incident is a case in the layout that control centres export today: an
// «Инцидент Менеджмент» export of December 2025 (Omsk region, 47 columns). The
// names of the columns and the way values are written are taken over, so that
// reports made from such files go on working. ПИ is the body that answers.
type Incident struct {
	Region         string // Кабинет and Регион
	ID             int64
	Number         string
	Department     string // first-level body
	Executor       string // second-level body inside it
	FirstReplyAt   time.Time
	FirstReply     string
	FirstReplyWork time.Duration // working time from creation to the first reply
	AssignedAt     time.Time     // last assignment
	BodyReplyAt    time.Time     // first reply of the body
	Reaction       time.Duration // working time from the last assignment to that reply
	InNorm         string        // «Да», «Нет», «-» while there was none
	ApprovalAt     time.Time     // first reply sent for approval
	InApproval     time.Duration
	Step           string
	CreatedAt      time.Time
	EndedAt        time.Time
	TopicGroup     string
	Topic          string
	Place          domain.Place
	Object         string
	Type           string // «Решаемый», «Информационный»
	Outcome        string // «Решено», «Разъяснено»
	MediaInReply   bool
	MediaInPost    bool
	PostURL        string
	SourceURL      string
	Text           string
	Replies        [3]string // of the body, in their order
	ClosingReason  string
	Audience       int64
	Engagement     int64
	AuthorURL      string
	Account        string // the community the reply is published from
	Tags           string
	Remark         string
	SatisfactionAt time.Time
	SurveySent     bool
}

// IncidentColumns are the 47 columns in the order of that export.
func IncidentColumns() []Column {
	return []Column{
		{Title: "Кабинет"}, {Title: "ID", Kind: Number}, {Title: "Номер инцидента", Width: 18}, {Title: "Отдел"}, {Title: "Исполнитель"},
		{Title: "Общее время первого ответа", Kind: Moment}, {Title: "Общий текст первого ответа", Width: 48},
		{Title: "Время с даты создания инцидента до времени первого ответа", Width: 18},
		{Title: "Время с даты создания инцидента до времени первого ответа, рабочее время", Width: 18},
		{Title: "Время назначения последнего исполнителя", Kind: Moment}, {Title: "Время 1го ответа ПИ", Kind: Moment},
		{Title: "Первая реакция с момента назн. ПИ", Width: 18}, {Title: "Уложились или нет после назн. ПИ", Width: 12},
		{Title: "Время с начала создания инцидента до окончания", Width: 18},
		{Title: "Время отправки первого ответа ПИ на согласование", Kind: Moment},
		{Title: "Время, которое первый ответ ПИ находился на согласовании", Width: 18},
		{Title: "Текущий шаг инцидента", Width: 22}, {Title: "Дата создания", Kind: Moment}, {Title: "Дата окончания", Kind: Moment},
		{Title: "Группа тем"}, {Title: "Тема"}, {Title: "Регион"}, {Title: "Муниципалитет"}, {Title: "Населенный пункт", Width: 20},
		{Title: "Улица", Width: 20}, {Title: "Дом", Width: 8}, {Title: "Объект старый", Width: 12}, {Title: "Объект", Width: 20},
		{Title: "Тип инцидента", Width: 16}, {Title: "Итог", Width: 14}, {Title: "Есть медиафайл в ответе", Width: 12},
		{Title: "Есть медиафайл в сообщении", Width: 12}, {Title: "Урл поста"}, {Title: "Урл блога"}, {Title: "Текст инцидента", Width: 60},
		{Title: "1ый ответ ПИ", Width: 48}, {Title: "2ой ответ ПИ", Width: 48}, {Title: "3ий ответ ПИ", Width: 48},
		{Title: "Причина закрытия", Width: 24}, {Title: "Аудитория", Kind: Number}, {Title: "Вовлеченность", Kind: Number},
		{Title: "URL автора"}, {Title: "Аккаунт публикации ответа"}, {Title: "Теги", Width: 16}, {Title: "Примечание"},
		{Title: "Время попадания на шаг оценка удовлетворенности", Kind: Moment}, {Title: "Опрос отправлен", Width: 10},
	}
}

// Row writes a case as a line of IncidentColumns. Personal data in texts are
// masked (law.md §4).
func (n Incident) Row() Row {
	return Row{Cells: []Cell{
		Str(n.Region), Num(n.ID), Str(n.Number), Str(n.Department), Str(n.Executor),
		At(n.FirstReplyAt), Str(domain.Mask(n.FirstReply)), span(n.CreatedAt, n.FirstReplyAt), stretch(n.FirstReplyWork, !n.FirstReplyAt.IsZero()),
		At(n.AssignedAt), At(n.BodyReplyAt), stretch(n.Reaction, !n.BodyReplyAt.IsZero()), Str(n.InNorm), span(n.CreatedAt, n.EndedAt),
		At(n.ApprovalAt), stretch(n.InApproval, n.InApproval > 0), Str(n.Step), At(n.CreatedAt), At(n.EndedAt),
		Str(n.TopicGroup), Str(n.Topic), Str(n.Region), Str(n.Place.MunicipalityName), Str(n.Place.Settlement),
		Str(n.Place.Street), Str(n.Place.House), {}, Str(n.Object), Str(n.Type), Str(n.Outcome), yes(n.MediaInReply),
		yes(n.MediaInPost), Str(n.PostURL), Str(n.SourceURL), quoted(n.Text),
		quoted(n.Replies[0]), quoted(n.Replies[1]), quoted(n.Replies[2]),
		Str(n.ClosingReason), counted(n.Audience), counted(n.Engagement),
		Str(n.AuthorURL), Str(n.Account), Str(n.Tags), Str(domain.Mask(n.Remark)), At(n.SatisfactionAt), yes(n.SurveySent),
	}}
}

// quoted is a text as that export writes it, with an apostrophe before it.
func quoted(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Str("'" + domain.Mask(s))
}

func counted(n int64) Cell {
	if n == 0 {
		return Cell{} // not known, or nobody: that export leaves both out
	}
	return Num(n)
}

func yes(b bool) Cell {
	if b {
		return Str("да")
	}
	return Str("нет")
}

func span(from, to time.Time) Cell {
	if from.IsZero() || to.IsZero() {
		return Cell{}
	}
	return stretch(to.Sub(from), true)
}

// stretch is a time as that export writes it: «11 days 12:10:25», «4:05:00».
func stretch(d time.Duration, known bool) Cell {
	if !known {
		return Cell{}
	}
	s := int64(d.Round(time.Second) / time.Second)
	sign := ""
	if s < 0 {
		sign, s = "-", -s
	}
	days, clock := s/86400, fmt.Sprintf("%d:%02d:%02d", s/3600%24, s/60%60, s%60)
	switch days {
	case 0:
		return Str(sign + clock)
	case 1:
		return Str(sign + "1 day " + clock)
	}
	return Str(fmt.Sprintf("%s%d days %s", sign, days, clock))
}
