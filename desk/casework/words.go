package casework

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// spoken is an error whose text is Russian and meant for the person.
type spoken struct {
	words string
	cause error
}

func (e spoken) Error() string { return e.words }
func (e spoken) Unwrap() error { return e.cause }

// errUrgent: danger is looked at one by one.
var errUrgent = spoken{words: "срочное: по одному"}

// errRestricted: whoever gives such a case to a body sees whether it can be seen there.
var errRestricted = spoken{words: "доступ ограничен: по одному"}

// Why an undecided post is left to people.
var (
	errChangedPost = spoken{words: "автор изменил сообщение инцидента: по одному"}
	errNoCaseYet   = spoken{words: "инцидента ещё нет: откройте его, назначить можно будет после"}
)

// said turns an error of a decision into words for the list of what was passed over.
func said(err error) error {
	if err == nil {
		return nil
	}
	return spoken{Words(err), err}
}

// Words says in Russian why a decision about a case is not possible.
func Words(err error) string {
	var bad page.BadInput
	switch {
	case errors.As(err, &bad):
		return bad.Words
	case errors.Is(err, domain.ErrNoAgency):
		return "Не назначить: не определён орган. Выберите, кому поручить."
	case errors.Is(err, domain.ErrNoReason):
		return "Укажите причину."
	case errors.Is(err, domain.ErrSameCase):
		return "Это тот же самый инцидент."
	case errors.Is(err, domain.ErrOtherPlace):
		return "Инцидент другого региона."
	case errors.Is(err, domain.ErrSameBody):
		return "Инцидент и так у этого органа: выберите другой."
	case errors.Is(err, domain.ErrLastPost):
		return "Отделить можно часть сообщений, а не все: хотя бы одно остаётся."
	case errors.Is(err, domain.ErrClosedCase):
		return "Инцидент уже закрыт."
	case errors.Is(err, domain.ErrNoMove):
		return "На этом шаге так сделать нельзя."
	case errors.Is(err, domain.ErrUndone):
		return "Это уже отменено, второй раз не нужно."
	case errors.Is(err, domain.ErrTooLate):
		return "Отменить уже нельзя: время отмены прошло."
	case errors.Is(err, domain.ErrUnavailable):
		return "Правила региона сейчас недоступны."
	}
	return "Не получилось."
}

// Fault gives an error of a decision its page: what somebody did meanwhile is
// told, what was filled in wrong is a 422.
func Fault(r *page.Request, names Names, err error) error {
	var st *domain.Stale
	var taken *domain.Taken
	switch {
	case err == nil:
		return nil
	case errors.As(err, &st):
		return page.Stale(StaleWords(r, names, st))
	case errors.As(err, &taken):
		return page.Stale(TakenWords(r, names, taken))
	case errors.Is(err, domain.ErrTooLate):
		return page.Stale(Words(err))
	case errors.Is(err, domain.ErrNoAgency), errors.Is(err, domain.ErrNoReason), errors.Is(err, domain.ErrSameCase),
		errors.Is(err, domain.ErrOtherPlace), errors.Is(err, domain.ErrLastPost), errors.Is(err, domain.ErrClosedCase), errors.Is(err, domain.ErrSameBody):
		return page.Invalid("", Words(err))
	}
	return err
}

// TakenWords says who has a thing in hand: «Сейчас с этим работает Петрова, до 14:05 …».
func TakenWords(r *page.Request, names Names, taken *domain.Taken) string {
	words := "Сейчас с этим работает " + names.Of(taken.Who)
	if !taken.Until.IsZero() {
		words += ": до " + taken.Until.In(r.Region.Zone).Format("15:04") + " или пока не закроет страницу"
	}
	return words + ". Ничего не записано: решить можно, когда коллега закончит."
}

// StaleWords says what happened to a case meanwhile: «27-2026-000123: назначено,
// Петрова, 14:05. Теперь: «На координации».»
func StaleWords(r *page.Request, names Names, st *domain.Stale) string {
	words := What(domain.CaseEvent{What: st.What, To: st.State})
	if st.Number == "" && st.Who == "" {
		return "Сообщение отложили или вернули в очередь, пока Вы на него смотрели. Ничего не записано: посмотрите на него ещё раз."
	}
	if st.Number == "" {
		return fmt.Sprintf("Это уже решено: %s, %s.", names.Of(st.Who), r.When(st.At))
	}
	return fmt.Sprintf("%s: %s, %s, %s. Теперь: «%s».", st.Number, strings.ToLower(words), names.Of(st.Who), r.When(st.At), domain.StateTitle(st.State))
}

// What is a line of a case's history in a few words.
func What(e domain.CaseEvent) string {
	switch e.What {
	case "opened":
		return "Открыт"
	case "moved":
		return "Переведён: «" + domain.StateTitle(e.To) + "»"
	case "assigned":
		return "Поручен другому органу"
	case "posts":
		return "Добавлены сообщения"
	case "overdue":
		return "Просрочен"
	case "changed":
		return "Изменён"
	case "post_edited":
		return "Автор изменил сообщение"
	case "post_deleted":
		return "Сообщение удалено на площадке"
	case "undone":
		return "Действие отменено"
	case "joined":
		return "Присоединён к другому инциденту"
	case "split":
		return "Часть сообщений отделена"
	case "note":
		return "Заметка"
	case "file":
		return "Файл"
	case "reply":
		return "Ответ"
	case "question":
		return "Вопрос автору"
	case "send_back":
		return "Возвращён: не по компетенции"
	case "deferral":
		return "Отложенное решение"
	case "linked":
		return "Связан с другим инцидентом"
	case "unlinked":
		return "Связь с инцидентом снята"
	case "reminder":
		return "Напоминание куратора"
	case "review":
		return "Разобрано изменение сообщения"
	}
	return e.What
}

// Outcome is an outcome in words.
func Outcome(o domain.Outcome) string {
	switch o {
	case domain.Solved:
		return "решено"
	case domain.Explained:
		return "разъяснено"
	}
	return ""
}

// Nature is the kind of a case in words.
func Nature(n domain.Nature) string {
	switch n {
	case domain.Solvable:
		return "решаемый"
	case domain.Informational:
		return "информационный"
	}
	return "не указан"
}

// RejectReasons are why a post is no case, in the order they are offered.
func RejectReasons() []Choice {
	return []Choice{
		{string(domain.NotAProblem), "нет проблемы: мнение, разговор, новость"},
		{string(domain.Advert), "реклама"},
		{string(domain.Spam), "спам, оскорбления"},
		{string(domain.OtherRegion), "другой регион"},
		{string(domain.NoDetails), "недостаточно сведений"},
		{string(domain.AnsweredBefore), "на это уже ответили"},
	}
}

// CloseReasons are why a case is done, in the order they are offered.
func CloseReasons() []Choice {
	return []Choice{
		{string(domain.AuthorSatisfied), "автор доволен"},
		{string(domain.AuthorSilent), "нет ответа от автора"},
		{string(domain.AuthorUnreachable), "автора не удалось спросить"},
		{string(domain.DialoguePointless), "дальнейший диалог нецелесообразен"},
	}
}

// Closing is a closing reason in words.
func Closing(c domain.ClosingReason) string {
	for _, list := range [][]Choice{RejectReasons(), CloseReasons()} {
		for _, known := range list {
			if known.ID == string(c) {
				return known.Name
			}
		}
	}
	if c == domain.Undone {
		return "открыт по ошибке и сразу отменён"
	}
	return ""
}

// ClosingOf reads a reason of a form; a 422 when it is none of the list.
func ClosingOf(list []Choice, field, text string) (domain.ClosingReason, error) {
	for _, known := range list {
		if known.ID == text {
			return domain.ClosingReason(text), nil
		}
	}
	return "", page.Invalid(field, "Выберите причину из списка.")
}

// Channel is where a post was written: «VK · комментарий».
func Channel(p domain.Post) string {
	where := map[domain.Platform]string{domain.VK: "VK", domain.Telegram: "Telegram", domain.MAX: "MAX"}[p.ID.Platform]
	switch p.Kind {
	case domain.Comment:
		return where + " · комментарий"
	case domain.Message:
		return where + " · сообщение в диалоге"
	}
	return where + " · публикация"
}

// Attachment is what hangs on a post, in a word.
func Attachment(a domain.Attachment) string {
	words := map[string]string{"photo": "фото", "image": "фото", "live_photo": "фото", "photos_list": "фото", "posted_photo": "фото", "paid_media": "фото или видео",
		"video": "видео", "video_note": "видеосообщение", "audio": "аудио", "doc": "файл", "document": "файл", "file": "файл", "link": "ссылка", "share": "ссылка",
		"voice": "голосовое", "audio_message": "голосовое", "sticker": "стикер", "ugc_sticker": "стикер", "graffiti": "рисунок", "dice": "стикер",
		"poll": "опрос", "checklist": "список", "animation": "анимация", "album": "альбом", "wall": "запись", "wall_reply": "комментарий", "story": "история",
		"market": "товар", "contact": "контакт", "location": wordsPlace, "venue": wordsPlace, "inline_keyboard": "кнопки"}
	if w, ok := words[strings.ToLower(a.Type)]; ok {
		return w
	}
	return a.Type
}

const wordsPlace = "место на карте"

// Size is a file's size: «1,2 МБ».
func Size(bytes int64) string {
	switch {
	case bytes < 1024:
		return page.Counted(int(bytes), "байт", "байта", "байт")
	case bytes < 1<<20:
		return page.Decimal(float64(bytes)/1024, 0) + "\u00a0КБ"
	}
	return page.Decimal(float64(bytes)/(1<<20), 1) + "\u00a0МБ"
}

// Changes words what a line of history changed: «категория: стр. 3 → стр. 5».
func Changes(r *page.Request, pack Pack, details []byte) []string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(details, &fields) != nil {
		return nil
	}
	var out []string
	for _, f := range changeWords() {
		var pair [2]json.RawMessage
		if raw, ok := fields[f.field]; !ok || json.Unmarshal(raw, &pair) != nil {
			continue
		}
		old, now := f.words(r, pack, pair[0]), f.words(r, pack, pair[1])
		switch {
		case old == now:
		case old == "":
			out = append(out, f.title+": "+now)
		case now == "":
			out = append(out, f.title+": снято («"+old+"»)")
		default:
			out = append(out, f.title+": "+old+" → "+now)
		}
	}
	return out
}

type changeWord struct {
	field, title string
	words        func(*page.Request, Pack, json.RawMessage) string
}

func changeWords() []changeWord {
	return []changeWord{
		{"agency", "орган", agencyWords}, {"proposed", "предлагается", agencyWords},
		{"row", "строка", rowWords}, {"topic", "тема", topicWords}, {"place", "место", placeWords},
		{"due", "срок", dueWords}, {"registered", "регистрация", timeWords}, {"controller", "контролёру", textWords},
		{"urgent", "срочно", flagWords}, {"restricted", "ограниченный доступ", flagWords}, {"posts", "сообщений", textWords},
		{"kind_of_case", "тип", natureWords}, {"outcome", "итог", outcomeWords}, {"closing", "причина закрытия", closingWords},
		{"aside", "отложен до", timeWords}, {"pos", "номер ПОС", textWords}, {"sed", "номер СЭД", textWords}, {"round", "круг работы", textWords},
	}
}

func text(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func textWords(_ *page.Request, _ Pack, raw json.RawMessage) string { return text(raw) }

func agencyWords(r *page.Request, _ Pack, raw json.RawMessage) string {
	if id := text(raw); id != "" {
		return r.Region.Agency(id)
	}
	return ""
}

func rowWords(_ *page.Request, pack Pack, raw json.RawMessage) string {
	var row int
	if json.Unmarshal(raw, &row) != nil || row == 0 {
		return "обычный порядок"
	}
	return FindSubject(pack, domain.Subject{Row: row}).Words()
}

func topicWords(_ *page.Request, pack Pack, raw json.RawMessage) string {
	id := text(raw)
	for _, s := range pack.Subjects() {
		if s.Row == 0 && s.Topic == id && id != "" {
			return s.Name
		}
	}
	return ""
}

func placeWords(_ *page.Request, _ Pack, raw json.RawMessage) string {
	var p domain.Place
	if json.Unmarshal(raw, &p) != nil {
		return ""
	}
	return page.Place(p)
}

func parsed(raw json.RawMessage) time.Time {
	var t time.Time
	if json.Unmarshal(raw, &t) != nil {
		return time.Time{}
	}
	return t
}

func timeWords(r *page.Request, _ Pack, raw json.RawMessage) string {
	if t := parsed(raw); !t.IsZero() {
		return r.Exact(t)
	}
	return ""
}

func dueWords(r *page.Request, _ Pack, raw json.RawMessage) string {
	if t := parsed(raw); !t.IsZero() {
		return r.Region.Almanac().LastDay(domain.Deadline{Due: t}).Words()
	}
	return ""
}

func flagWords(_ *page.Request, _ Pack, raw json.RawMessage) string {
	return map[string]string{"true": "да", "false": "нет"}[string(raw)]
}

func natureWords(_ *page.Request, _ Pack, raw json.RawMessage) string {
	return Nature(domain.Nature(text(raw)))
}

func outcomeWords(_ *page.Request, _ Pack, raw json.RawMessage) string {
	return Outcome(domain.Outcome(text(raw)))
}

func closingWords(_ *page.Request, _ Pack, raw json.RawMessage) string {
	return Closing(domain.ClosingReason(text(raw)))
}
