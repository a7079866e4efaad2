package people

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

type journalData struct {
	Lines   []journalLine
	Filter  journalFilter
	Actions []named
	Objects []named
	People  []domain.ListedUser
	XLSX    string
	Foot    page.Foot
	Fault   string
}

// journalFilter is the filter as it stands in the address.
type journalFilter struct{ Who, Action, Object, ID, From, To string }

func (f journalFilter) empty() bool { return f == journalFilter{} }

type journalLine struct{ At, Exact, Who, Action, Object, Words, Address string }

type named struct{ Code, Title string }

const journalPage = 50

func (p *Pages) journal(r *page.Request) error {
	d := journalData{Filter: shownFilter(r), Actions: actions(), Objects: objects()}
	f, err := readFilter(r, d.Filter)
	if err != nil {
		return err
	}
	f.Limit = journalPage + 1
	lines, err := p.Store.Journal(r.Context(), r.Scope, f)
	if err != nil {
		return err
	}
	var names map[string]string
	if d.People, names, err = p.names(r); err != nil {
		return err
	}
	more := len(lines) > journalPage
	lines = lines[:min(len(lines), journalPage)]
	for _, e := range lines {
		d.Lines = append(d.Lines, showLine(r, e, names))
	}
	if len(lines) > 0 {
		d.XLSX = sheet.Path(r, "/journal.xlsx", "before")
	}
	d.Foot = journalFoot(d, lines, more)
	return r.Render("journal", d)
}

func shownFilter(r *page.Request) journalFilter {
	return journalFilter{Who: r.Text("who"), Action: r.Text("action"), Object: r.Text("object"), ID: r.Text("id"), From: r.Text("from"), To: r.Text("to")}
}

// names are the region's people, and what they are called by login.
func (p *Pages) names(r *page.Request) ([]domain.ListedUser, map[string]string, error) {
	users, err := p.Store.Users(r.Context(), r.Scope)
	names := map[string]string{}
	for _, u := range users {
		names[u.Login] = u.Name
	}
	return users, names, err
}

func readFilter(r *page.Request, shown journalFilter) (domain.JournalFilter, error) {
	f := domain.JournalFilter{Who: shown.Who, Action: shown.Action, Object: shown.Object, ObjectID: shown.ID}
	from, err := r.Date("from")
	if err != nil {
		return f, err
	}
	to, err := r.Date("to")
	if err != nil {
		return f, err
	}
	if from != (domain.Date{}) {
		f.From = from.Start(r.Region.Zone)
	}
	if to != (domain.Date{}) {
		f.To = to.Add(1).Start(r.Region.Zone)
	}
	if before := r.Text("before"); before != "" {
		micros, id, _ := strings.Cut(before, "-")
		at, errAt := strconv.ParseInt(micros, 10, 64)
		n, errN := strconv.ParseInt(id, 10, 64)
		if errAt != nil || errN != nil {
			return f, page.NotFound("Адрес набран с ошибкой: такой страницы журнала нет.")
		}
		f.Before, f.BeforeID = time.UnixMicro(at).UTC(), n
	}
	return f, nil
}

func showLine(r *page.Request, e domain.Entry, names map[string]string) journalLine {
	who := e.Who
	if name := names[e.Who]; name != "" {
		who = name
	}
	return journalLine{At: r.When(e.At), Exact: r.Exact(e.At), Who: who, Action: titleOf(actions(), e.Action), Words: bodiesNamed(r.Region, wordsOf(e)),
		Object: strings.TrimSpace(titleOf(objects(), e.Object) + " " + e.ObjectID), Address: e.Address}
}

// wordsOf are the reason of a line. A case changed without one is said to have
// changed (migrations/00005), which of an answer or a note says nothing.
func wordsOf(e domain.Entry) string {
	if e.Words == "инцидент изменён" {
		return ""
	}
	return e.Words
}

// bodiesNamed puts names of bodies in place of their ids: storage, which writes
// «исполнитель (khab-roads)», knows no names.
func bodiesNamed(region page.Region, words string) string {
	for _, a := range region.Agencies {
		words = strings.ReplaceAll(words, "("+a.ID+")", "("+a.Short+")")
	}
	return words
}

func journalFoot(d journalData, lines []domain.Entry, more bool) page.Foot {
	foot := page.Foot{Words: page.Counted(len(lines), "запись", "записи", "записей") + " на странице"}
	if !d.Filter.empty() {
		foot.Words += " · по фильтру"
	}
	if more {
		last := lines[len(lines)-1]
		q := d.Filter.query()
		q.Set("before", strconv.FormatInt(last.At.UnixMicro(), 10)+"-"+strconv.FormatInt(last.ID, 10))
		foot.Next = "/journal?" + q.Encode()
	}
	return foot
}

func (f journalFilter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"who": f.Who, "action": f.Action, "object": f.Object, "id": f.ID, "from": f.From, "to": f.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func titleOf(list []named, code string) string {
	i := slices.IndexFunc(list, func(n named) bool { return n.Code == code })
	if i < 0 {
		return code
	}
	return list[i].Title
}

func objects() []named {
	return []named{{"case", "инцидент"}, {"user", "пользователь"}, {"source", "источник"}, {"rules", "правила"}, {"export", "выгрузка"},
		{"bulk", "изменение многих"}, {"story", "сюжет"}, {"template", "шаблон ответа"}, {"account", "аккаунт площадки"}, {"announcement", "объявление"}}
}

// actions are what the journal holds, in the order of the filter's list. One
// that is missing here is shown by its machine name.
func actions() []named {
	return []named{
		{"login", "вход"}, {"login_failed", "неудачный вход"}, {"logout", "выход"},
		{"case_opened", "инцидент открыт"}, {"case_moved", "инцидент: шаг"}, {"case_assigned", "инцидент: орган"},
		{"case_changed", "инцидент изменён"}, {"case_posts", "инцидент: сообщения"},
		{"case_reply", "инцидент: ответ"}, {"case_note", "инцидент: заметка"}, {"case_file", "инцидент: файл"},
		{"case_question", "инцидент: вопрос автору"}, {"case_send_back", "инцидент: возврат"}, {"case_deferral", "инцидент: отложенное решение"},
		{"case_joined", "инцидент присоединён"}, {"case_split", "инцидент: отделены сообщения"}, {"case_linked", "инцидент: связь"},
		{"case_unlinked", "инцидент: связь снята"}, {"case_undone", "инцидент: действие отменено"}, {"case_review", "инцидент: разобрано изменение"},
		{"case_reminder", "инцидент: напоминание"}, {"case_overdue", "инцидент просрочен"},
		{"review_dismissed", "сообщение: не обращение"}, {"review_aside", "сообщение отложено"}, {"review_undone", "сообщение снова не разобрано"},
		{"bulk_begun", "изменение многих начато"}, {"bulk_stopped", "изменение многих остановлено"}, {"bulk_undone", "изменение многих отменено"},
		{"story_added", "сюжет открыт"}, {"template_added", "шаблон добавлен"}, {"template_changed", "шаблон изменён"}, {"template_removed", "шаблон удалён"},
		{"user_added", "пользователь добавлен"}, {"user_changed", "пользователь изменён"},
		{"user_deactivated", "пользователь отключён"}, {"user_activated", "пользователь включён"},
		{"password_reset", "выдан пароль"}, {"password_changed", "пароль сменён"}, {"sessions_ended", "сеансы завершены"}, {"session_ended", "сеанс завершён"},
		{"second_factor_set", "второй фактор включён"}, {"second_factor_cleared", "второй фактор снят"}, {"account_linked", "внешний вход связан"},
		{"absence_entered", "отсутствие"}, {"absence_ended", "отсутствие закончено"},
		{"source_added", "источник добавлен"}, {"source_paused", "источник остановлен"}, {"source_resumed", "источник включён"}, {"source_away", "потерянные чаты источника учтены"},
		{"export", "выгрузка"}, {"account_added", "доступ к площадке добавлен"}, {"account_removed", "доступ к площадке убран"},
		{"announcement_written", "объявление написано"}, {"announcement_approval", "объявление: на согласование"}, {"announcement_draft", "объявление возвращено"},
		{"announcement_sending", "объявление согласовано"}, {"announcement_stopped", "объявление остановлено"}, {"announcement_dropped", "объявление удалено"},
		{"account_changed", "доступ к площадке изменён"}, {"account_token", "доступ к площадке: новый токен"}, {"account_checked", "доступ к площадке проверен"},
		{"account_paused", "отправка остановлена"}, {"account_resumed", "отправка возобновлена"}, {"account_retired", "доступ к площадке отключён"},
		{"rules_saved", "правила сохранены"}, {"rules_activated", "правила введены"}, {"rules_rolled_back", "правила возвращены"},
		{"history_imported", "выгрузка загружена"}, {"model_trained", "модель обучена"}, {"model_activated", "модель введена"}, {"model_rolled_back", "модель возвращена"},
	}
}
