package card

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// act reads the case an action is about, at the version its form names, and
// checks that the person may.
func (c *Card) act(r *page.Request, a access.Action) (domain.Case, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Case{}, err
	}
	k, err := c.Store.SeenCase(r.Context(), r.Scope, id)
	if err != nil {
		return k, notSeen(err, "")
	}
	if err := r.Need(a, access.OfCase(k)); err != nil {
		return k, err
	}
	if text := r.Text("version"); text != "" {
		version, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return k, page.Invalid("version", "Форма устарела: откройте инцидент заново.")
		}
		if k.Version != version { // refused, with what happened meanwhile
			_, err = c.Store.ChangeCase(r.Context(), r.Scope, domain.CaseChange{CaseID: id, Version: version, Who: r.User.Login, At: r.Now})
			return k, casework.Fault(r, c.Names, err)
		}
	}
	return k, nil
}

func (c *Card) by(r *page.Request, why, undo string) domain.By {
	return domain.By{Who: r.User.Login, Why: why, At: r.Now, Undo: undo}
}

func (c *Card) back(r *page.Request, id int64, n page.Notice) error {
	r.Notify(n)
	return r.Redirect(fmt.Sprintf("/case/%d", id))
}

// write makes a change and goes back to the card.
func (c *Card) write(r *page.Request, ch domain.CaseChange, words string) error {
	done, err := c.Store.ChangeCase(r.Context(), r.Scope, ch)
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	n := page.Notice{Text: words}
	if done.UndoID != 0 {
		n.Undo = fmt.Sprintf("/undo/%d", done.UndoID)
	}
	return c.back(r, ch.CaseID, n)
}

// maxNote is the most letters a note has.
const maxNote = 10_000

func (c *Card) note(r *page.Request) error {
	k, err := c.act(r, access.Note)
	if err != nil {
		return err
	}
	text := r.Text("text")
	switch {
	case text == "":
		return page.Invalid("text", "Заметка пуста: напишите её.")
	case len([]rune(text)) > maxNote:
		return page.Invalid("text", "Заметка длиннее 10 000 знаков. Приложите её файлом.")
	}
	if err := c.Store.AddNote(r.Context(), r.Scope, k.ID, domain.CaseNote{Text: text, Author: r.User.Login, At: r.Now}); err != nil {
		return err
	}
	return c.back(r, k.ID, page.Notice{Text: "Заметка сохранена."})
}

func (c *Card) link(r *page.Request) error {
	k, err := c.act(r, access.Note)
	if err != nil {
		return err
	}
	number := r.Text("number")
	other, err := c.Store.CaseByNumber(r.Context(), r.Scope, number)
	if errors.Is(err, domain.ErrNotFound) {
		return page.Invalid("number", "Инцидента «"+number+"» нет, или он не в вашем ведении.")
	}
	if err != nil {
		return err
	}
	if err := c.Store.LinkCases(r.Context(), r.Scope, k.ID, other.ID, c.by(r, r.Text("why"), "")); err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.back(r, k.ID, page.Notice{Text: "Связан с " + other.Number + "."})
}

func (c *Card) unlink(r *page.Request) error {
	k, err := c.act(r, access.Note)
	if err != nil {
		return err
	}
	other, err := r.PathID("other")
	if err != nil {
		return err
	}
	if err := c.Store.UnlinkCases(r.Context(), r.Scope, k.ID, other, c.by(r, "", "")); err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.back(r, k.ID, page.Notice{Text: "Связь снята."})
}

// correct puts category, place and proposed body right. A body that has the case
// keeps it.
func (c *Card) correct(r *page.Request) error {
	k, err := c.act(r, access.Moderate)
	if err != nil {
		return err
	}
	pack, err := c.Packs.Of(r)
	if err != nil {
		return err
	}
	fix := domain.Fix{AgencyID: r.Text("agency")}
	if code := r.Text("pick"); code != "" && code != casework.Code(ownSubject(k)) {
		if fix.Subject, err = casework.ParseSubject(pack, "pick", code); err != nil {
			return err
		}
	}
	if a := addressOf(r); a != k.Place.Address() {
		place := k.Place.With(a)
		fix.Place = &place
	}
	fixed, err := pack.Correct(r.Now, k, fix)
	if err != nil && !errors.Is(err, domain.ErrNoAgency) {
		return err
	}
	words := "Исправлено: " + casework.FindSubject(pack, fixed.Subject).Words() + ", " + page.Place(fixed.Place) + "."
	if fixed.ForControl != "" {
		words += " Осталось меньше двух дней: решит контролёр."
	}
	why := r.Text("why")
	if why == "" {
		why = "исправлено аналитиком"
	}
	ch, err := domain.Correct(k, fixed, c.by(r, why, words))
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.write(r, ch, words)
}

func ownSubject(k domain.Case) domain.Subject {
	if k.Row > 0 {
		return domain.Subject{Row: k.Row}
	}
	return domain.Subject{Topic: k.Topic}
}

func addressOf(r *page.Request) domain.Address {
	return domain.Address{Municipality: r.Text("in_municipality"), Settlement: r.Text("in_settlement"), Street: r.Text("in_street"), House: r.Text("in_house")}
}

// marks are what is noted about a case: nature, numbers elsewhere.
func (c *Card) marks(r *page.Request) error {
	k, err := c.act(r, access.Moderate)
	if err != nil {
		return err
	}
	pos, sed, nature := r.Text("pos"), r.Text("sed"), domain.Nature(r.Text("nature"))
	switch {
	case len([]rune(pos)) > 60 || len([]rune(sed)) > 60:
		return page.Invalid("pos", "Номер длиннее 60 знаков: проверьте, то ли это.")
	case nature != "" && nature != domain.Solvable && nature != domain.Informational:
		return page.Invalid("nature", "Выберите тип из списка.")
	}
	ch := domain.Amend(k, c.by(r, "", "пометки инцидента"), func(ch *domain.CaseChange) { ch.POS, ch.SED, ch.Nature = &pos, &sed, &nature })
	return c.write(r, ch, "Пометки сохранены.")
}

// story puts a case into a story, a new or a known one, or takes it out.
func (c *Card) story(r *page.Request) error {
	k, err := c.act(r, access.Moderate)
	if err != nil {
		return err
	}
	id, err := r.Int("story", 0)
	if err != nil {
		return err
	}
	stories, err := c.Store.Stories(r.Context(), r.Scope)
	if err != nil {
		return err
	}
	of := int64(id)
	if title := r.Text("title"); title != "" {
		if len([]rune(title)) > 200 {
			return page.Invalid("title", "Название длиннее 200 знаков.")
		}
		st, err := c.Store.AddStory(r.Context(), r.Scope, title, r.Doer())
		if err != nil {
			return err
		}
		of, stories = st.ID, append(stories, st)
	}
	words, why := "Инцидент в сюжете.", "в сюжет"+storyTitle(stories, of)
	if of == 0 {
		words, why = "Инцидент вынут из сюжета.", "вынут из сюжета"+storyTitle(stories, k.StoryID)
	}
	return c.write(r, domain.Amend(k, c.by(r, why, "сюжет инцидента"), func(ch *domain.CaseChange) { ch.StoryID = &of }), words)
}

// storyTitle is « «Буря»», nothing for one that is closed.
func storyTitle(stories []domain.Story, id int64) string {
	for _, s := range stories {
		if s.ID == id {
			return " «" + s.Title + "»"
		}
	}
	return ""
}

// split takes the marked posts into a case of their own, in moderation.
func (c *Card) split(r *page.Request) error {
	k, err := c.act(r, access.Moderate)
	if err != nil {
		return err
	}
	pack, err := c.Packs.Of(r)
	if err != nil {
		return err
	}
	var posts []int64
	for _, t := range r.Form["post"] {
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return page.Invalid("post", "Форма устарела: откройте инцидент заново.")
		}
		posts = append(posts, n)
	}
	if len(posts) == 0 {
		return page.Invalid("post", "Отметьте сообщения, которые о другом.")
	}
	why := "сообщения о другом"
	if r.Text("unanswered") != "" {
		why = "ответ до этих авторов не дошёл"
	}
	words := "Отделено сообщений: " + page.Count(len(posts)) + "."
	done, err := c.Store.SplitCase(r.Context(), r.Scope, domain.Split{From: domain.CaseSeen{ID: k.ID, Version: k.Version}, Posts: posts,
		By: c.by(r, why, words)}, func(j domain.Judged, registered time.Time) (domain.Decision, error) {
		return pack.Opened(r.Now, registered, j, domain.Fix{})
	}, pack.Keys)
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	n := page.Notice{Text: "Новый инцидент " + done.Case.Number + ". " + words}
	if done.UndoID != 0 {
		n.Undo = fmt.Sprintf("/undo/%d", done.UndoID)
	}
	return c.back(r, done.Case.ID, n)
}

func (c *Card) restore(r *page.Request) error {
	k, err := c.act(r, access.Moderate)
	if err != nil {
		return err
	}
	ch, err := domain.Restore(k, c.by(r, "возвращён на модерацию", "возврат на модерацию"))
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.write(r, ch, k.Number+" снова в очереди.")
}

func (c *Card) unjoin(r *page.Request) error {
	k, err := c.act(r, access.Moderate)
	if err != nil {
		return err
	}
	if _, err := c.Store.Unjoin(r.Context(), r.Scope, domain.CaseSeen{ID: k.ID, Version: k.Version}, c.by(r, "отделён обратно", "")); err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.back(r, k.ID, page.Notice{Text: k.Number + " снова сам по себе, сообщения вернулись к нему."})
}

// answered records an answer that a person gave where Otklik cannot.
func (c *Card) answered(r *page.Request) error {
	file, err := readFile(r, "proof")
	if err != nil {
		return err
	}
	k, err := c.act(r, access.RecordAnswer)
	if err != nil {
		return err
	}
	url := r.Text("url")
	switch {
	case url == "" && len(file.Content) == 0:
		return page.Invalid("url", "Нужно подтверждение: адрес ответа или снимок экрана.")
	case url != "" && !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://"):
		return page.Invalid("url", "Адрес начинается с https://.")
	case len(url) > 1000:
		return page.Invalid("url", "Адрес слишком длинный.")
	}
	done, err := c.Store.AnswerByHand(r.Context(), r.Scope, domain.ByHand{Case: domain.CaseSeen{ID: k.ID, Version: k.Version},
		By: c.by(r, "ответ дан вручную", ""), ProofURL: url, Proof: file})
	if errors.Is(err, domain.ErrNotFound) {
		return page.Invalid("", "Согласованного ответа нет: сначала его согласует руководитель.")
	}
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.back(r, k.ID, page.Notice{Text: "Ответ записан. Теперь: «" + domain.StateTitle(done.Case.State) + "»."})
}

// author notes what the author answered to the control centre's own question.
func (c *Card) author(r *page.Request) error {
	k, err := c.act(r, access.AskAuthor)
	if err != nil {
		return err
	}
	text := r.Text("answer")
	var refusal domain.Refusal
	if err := domain.CheckText(text); errors.As(err, &refusal) {
		return page.Invalid("answer", refusal.Words())
	}
	_, err = c.Store.AnswerToModeration(r.Context(), r.Scope, domain.AnalystAsks{Case: domain.CaseSeen{ID: k.ID, Version: k.Version},
		By: c.by(r, "", ""), Text: text})
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.back(r, k.ID, page.Notice{Text: "Ответ автора записан: " + k.Number + " снова в очереди."})
}

// reopen starts a new round: «не решено».
func (c *Card) reopen(r *page.Request) error {
	k, err := c.act(r, access.Reopen)
	if err != nil {
		return err
	}
	pack, err := c.Packs.Of(r)
	if err != nil {
		return err
	}
	ch, err := domain.Reopen(k, pack.Term(k, r.Now), c.by(r, r.Text("why"), ""))
	if errors.Is(err, domain.ErrNoReason) {
		return page.Invalid("why", "Напишите, что не решено: это увидит орган.")
	}
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.write(r, ch, k.Number+" снова в работе: новая регистрация и новый срок.")
}

// again gives a reopened case to a body: the one that had it, or another.
func (c *Card) again(r *page.Request) error {
	k, err := c.act(r, access.Reopen)
	if err != nil {
		return err
	}
	pack, err := c.Packs.Of(r)
	if err != nil {
		return err
	}
	fix := domain.Fix{AgencyID: r.Text("agency")}
	k.Proposed = k.AgencyID
	fixed, err := pack.Correct(r.Now, k, fix)
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	words := k.Number + " поручен: " + r.Region.Agency(fixed.AgencyID) + "."
	ch, err := domain.Assign(k, fixed, c.by(r, "снова поручен после «не решено»", words))
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.write(r, ch, words)
}
