package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// overhear finds out which comments stand under words of ours that wait for a word.
func (c *commit) overhear(ctx context.Context, items []*item) error {
	p := db.OursAboveParams{Region: c.region}
	var roots []string
	for i, it := range items {
		post := &it.j.Post
		if post.Kind != domain.Comment || post.Private != nil || it.j.Verdict.Kind == domain.Own {
			continue
		}
		p.Ns = append(p.Ns, small(i))
		p.Platforms, p.Owners = append(p.Platforms, string(it.id.Platform)), append(p.Owners, it.id.Owner)
		p.Threads = append(p.Threads, domain.TalkName(it.id, post.Talk()))
		p.ReplyTos, p.Authors = append(p.ReplyTos, repliedTo(post)), append(p.Authors, post.Author.ID)
		roots = append(roots, talkRoot(post))
	}
	if len(p.Ns) == 0 {
		return nil
	}
	rows, err := c.q.OursAbove(ctx, p)
	if err != nil {
		return fmt.Errorf("look for our words above: %w", err)
	}
	for _, r := range rows {
		items[r.N].standsUnder(r.CaseID, domain.OurWords{Question: r.Question, Direct: r.Direct, Author: r.Author, At: moment(r.At), ClosedAt: moment(r.ClosedAt)})
	}
	more, err := c.q.AnsweredAbove(ctx, db.AnsweredAboveParams{Platforms: p.Platforms, Owners: p.Owners, Roots: roots, ReplyTos: p.ReplyTos,
		Authors: p.Authors, Ns: p.Ns, Region: p.Region})
	if err != nil {
		return fmt.Errorf("look for answered posts above: %w", err)
	}
	for _, r := range more {
		items[r.N].standsUnder(r.CaseID, domain.OurWords{Direct: r.Direct, Author: r.Author, At: moment(r.At), ClosedAt: moment(r.ClosedAt)})
	}
	return c.overhearGroups(ctx, items)
}

// overhearGroups does the same in groups that know no threads, for who replies to nobody.
func (c *commit) overhearGroups(ctx context.Context, items []*item) error {
	p := db.OursInGroupParams{Region: c.region, Since: stamp(c.now.Add(-groupMemory))}
	for i, it := range items {
		post := &it.j.Post
		if post.Kind != domain.Comment || it.id.Platform == domain.VK || post.Private != nil || it.j.Verdict.Kind == domain.Own || !post.Talk().IsZero() || post.Author.ID == "" {
			continue
		}
		p.Ns = append(p.Ns, small(i))
		p.Platforms, p.Owners, p.Authors = append(p.Platforms, string(it.id.Platform)), append(p.Owners, it.id.Owner), append(p.Authors, post.Author.ID)
	}
	if len(p.Ns) == 0 {
		return nil
	}
	rows, err := c.q.OursInGroup(ctx, p)
	if err != nil {
		return fmt.Errorf("look for our words in the group: %w", err)
	}
	for _, r := range rows {
		items[r.N].standsUnder(r.CaseID, domain.OurWords{Question: r.Question, Author: true, Group: true, At: moment(r.At), ClosedAt: moment(r.ClosedAt)})
	}
	return nil
}

// groupMemory is longer than authors are waited for.
const groupMemory = 60 * 24 * time.Hour

// standsUnder: a message of ours in the talk says more than that the case is answered.
func (it *item) standsUnder(caseID int64, ours domain.OurWords) {
	if it.ours == nil {
		it.ours = map[int64]*domain.OurWords{}
	}
	if it.ours[caseID] == nil {
		it.ours[caseID] = &ours
	}
}

// talkRoot is the number of the post that a comment's talk began with.
func talkRoot(p *domain.Post) string {
	if talk := p.Talk(); p.ID.Platform != domain.VK && !talk.IsZero() {
		return talk.Post
	}
	return p.ID.Post
}

// repliedTo is the platform's number of the message a comment answers, "" for none.
func repliedTo(p *domain.Post) string {
	switch {
	case p.ReplyTo.IsZero():
		return ""
	case p.ReplyTo.IsComment():
		return p.ReplyTo.Comment
	case p.ID.Platform == domain.VK: // the post itself
		return ""
	}
	return p.ReplyTo.Post
}

// voices do what comments say to our words, in the order they came.
func (c *commit) voices(ctx context.Context, items []*item) error {
	for _, it := range items {
		if it.answers != 0 {
			if err := c.answersBeside(ctx, it); err != nil {
				return fmt.Errorf("hear %s beside its case: %w", it.id.LogName(), err)
			}
		}
		if it.voice == "" {
			continue
		}
		v := voice{commit: c, it: it}
		if err := v.hear(ctx); err != nil {
			return fmt.Errorf("hear %s under our words: %w", it.id.LogName(), err)
		}
	}
	return nil
}

// answersBeside: a reply to a question that tells of a danger. The question is over as
// after any other answer, and whoever asked reads the words.
func (c *commit) answersBeside(ctx context.Context, it *item) error {
	row, err := c.q.LockCase(ctx, it.answers)
	if err != nil {
		return fmt.Errorf("lock case %d: %w", it.answers, err)
	}
	k, err := toCase(row)
	if err != nil || k.State != domain.Clarifying {
		return err
	}
	return answeredBy(ctx, c.q, k, it, c.now)
}

// voice is a comment under our words on its way.
type voice struct {
	*commit
	it *item
	k  domain.Case
}

func (v *voice) hear(ctx context.Context) error {
	row, err := v.q.LockCase(ctx, v.it.landed)
	if err != nil {
		return fmt.Errorf("lock case %d: %w", v.it.landed, err)
	}
	if v.k, err = toCase(row); err != nil {
		return err
	}
	if !v.counts() { // an earlier comment of the batch has moved the case on
		return nil
	}
	if err := v.q.PutVoice(ctx, db.PutVoiceParams{PostID: v.it.postID, CaseID: v.k.ID, Round: round(v.k), Says: string(v.it.voice),
		Reason: v.it.why, At: stamp(v.now)}); err != nil {
		return fmt.Errorf("note it: %w", err)
	}
	switch v.it.voice {
	case domain.VoiceAnswers:
		return answeredBy(ctx, v.q, v.k, v.it, v.now)
	case domain.VoiceObjects:
		return v.change(ctx, func(by domain.By) (domain.CaseChange, error) { return objected(v.k, v.it.newRound, by) })
	case domain.VoiceSolved:
		_, err = solved(ctx, v.q, v.k, domain.By{Who: author, At: v.now})
		return err
	case domain.VoiceUnclear:
		return v.change(ctx, v.unread)
	}
	return v.stranger(ctx)
}

// unsolvedAfterEnd: no silence ends a closed case again, so the controller is told of the
// press at once; words of the author begin a new round by themselves.
func (t *talking) unsolvedAfterEnd(ctx context.Context, k domain.Case, pressed bool) error {
	ch := domain.CaseChange{CaseID: k.ID, Version: k.Version, Who: author, At: t.now}
	words := domain.WithUnsolved(k.ForControl)
	if pressed {
		ch.Why = "после закрытия автор нажал «Не решено»"
		ch.Notices = []domain.Notice{{Key: fmt.Sprintf("pressed:done:case:%d:round:%d", k.ID, k.Round), Kind: domain.NoticeWrote, Region: k.Region, CaseID: k.ID,
			ToRole: string(domain.RoleController), At: t.now,
			Text: fmt.Sprintf("Инцидент %s закрыт, но %s. Если напишет, новый круг начнётся сам; иначе верните в работу или оставьте закрытым.", k.Number, domain.WordsUnsolved)}}
	} else {
		heard, err := heardOf(ctx, t.q, k)
		if err != nil || heard.Unsolved > 0 { // another author's press stays
			return err
		}
		words, ch.Why = domain.WithoutUnsolved(k.ForControl), "автор отменил «Не решено»"
	}
	if words == k.ForControl {
		return nil
	}
	ch.ForControl = &words
	_, err := changeCase(ctx, t.q, wholeScope(k), ch)
	return err
}

// counts: the case still waits for the word.
func (v *voice) counts() bool {
	switch v.it.voice {
	case domain.VoiceAnswers:
		return v.k.State == domain.Clarifying
	case domain.VoiceObjects:
		return v.k.State == domain.Satisfaction || v.k.State == domain.Done
	case domain.VoiceSolved, domain.VoiceUnclear:
		return v.k.State == domain.Satisfaction
	}
	return true
}

func (v *voice) change(ctx context.Context, how func(domain.By) (domain.CaseChange, error)) error {
	ch, err := how(domain.By{Who: author, At: v.now})
	if err != nil {
		return err
	}
	_, err = changeCase(ctx, v.q, wholeScope(v.k), ch)
	return err
}

// unread lets the case wait for a person who reads what the author wrote.
func (v *voice) unread(by domain.By) (domain.CaseChange, error) {
	ch := domain.CaseChange{CaseID: v.k.ID, Version: v.k.Version, Who: by.Who, At: by.At, Why: "автор написал под ответом"}
	words := domain.WithUnread(v.k.ForControl)
	ch.ForControl = &words
	if domain.Unread(v.k.ForControl) { // the controller knows that something waits
		return ch, nil
	}
	ch.Notices = []domain.Notice{{
		Key: fmt.Sprintf("wrote:case:%d:round:%d:post:%d", v.k.ID, v.k.Round, v.it.postID), Kind: domain.NoticeWrote, Region: v.k.Region, CaseID: v.k.ID,
		ToRole: string(domain.RoleController), At: v.now,
		Text: fmt.Sprintf("Инцидент %s: автор написал под ответом, и по словам не понять, доволен ли он. Прочитайте и решите: до этого инцидент не закроется.", v.k.Number),
	}}
	return ch, nil
}

// stranger: the body hears of it once a round.
func (v *voice) stranger(ctx context.Context) error {
	if v.k.State != domain.Satisfaction {
		return nil
	}
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: fmt.Sprintf("stranger:case:%d:round:%d", v.k.ID, v.k.Round), Kind: domain.NoticeWrote, Region: v.k.Region, CaseID: v.k.ID,
		ToRole: string(domain.RoleCoordinator), ToAgency: v.k.AgencyID, At: v.now,
		Text: fmt.Sprintf("Инцидент %s: под ответом пишут и другие люди. На ход инцидента это не влияет; посмотрите, нет ли там новой проблемы.", v.k.Number)}, v.now)
	_, err := v.q.PutNotices(ctx, p)
	return wrap("put the notice", err)
}

// wholeScope is the scope of whoever is not bound by one.
func wholeScope(k domain.Case) domain.Scope {
	return domain.Scope{Region: k.Region, Whole: true, Restricted: true}
}

// objected begins a new round and tells the controller. What the author says stays
// with the post, so that it can be erased.
func objected(k domain.Case, term domain.Deadline, by domain.By) (domain.CaseChange, error) {
	by.Why = "автор не согласен с ответом: его слова — в последнем сообщении инцидента"
	ch, err := domain.Reopen(k, term, by)
	ch.Notices = []domain.Notice{{
		Key: fmt.Sprintf("objected:case:%d:round:%d", k.ID, k.Round), Kind: domain.NoticeObjected, Region: k.Region, CaseID: k.ID,
		ToRole: string(domain.RoleController), At: by.At,
		Text: fmt.Sprintf("Инцидент %s: автор не согласен с ответом, начат круг %d. Решите, кому его отдать.", k.Number, k.Round+1),
	}}
	return ch, err
}

// solved: one of the authors is content. The case closes when nobody else who was
// asked may still speak; else that is noted.
func solved(ctx context.Context, q *db.Queries, k domain.Case, by domain.By) (domain.Changed, error) {
	heard, err := heardOf(ctx, q, k)
	if err != nil {
		return domain.Changed{}, err
	}
	closes, reason := heard.AfterSolved()
	by.Why = domain.HeardWords(reason)
	ch := domain.CaseChange{CaseID: k.ID, Version: k.Version, Who: by.Who, Why: by.Why, At: by.At}
	if closes {
		if ch, err = domain.Close(k, domain.AuthorSatisfied, by); err != nil {
			return domain.Changed{}, err
		}
	}
	if heard.Unread == 0 {
		left := domain.WithoutUnread(k.ForControl)
		ch.ForControl = &left
	}
	return changeCase(ctx, q, wholeScope(k), ch)
}

func heardOf(ctx context.Context, q *db.Queries, k domain.Case) (domain.Heard, error) {
	r, err := q.HeardOf(ctx, k.ID, round(k))
	if err != nil {
		return domain.Heard{}, fmt.Errorf("read what authors said: %w", err)
	}
	n, err := q.AuthorsAsked(ctx, k.ID)
	return domain.Heard{Asked: int(r.Asked), Solved: int(r.Solved), Unread: int(r.Unread), Unsolved: int(r.Unsolved), Dialogs: int(n.Authors), Reached: int(n.Asked), Public: n.Public},
		wrap("look who was asked", err)
}

// answeredBy closes a question that an author's post answers: the case goes back
// where it came from, and whoever waits for it hears of it.
func answeredBy(ctx context.Context, q *db.Queries, k domain.Case, it *item, at time.Time) error {
	n, err := q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "answered", Answer: clean(it.j.Post.Text), AnswerPost: it.postID,
		At: stamp(at), ClosedBy: author, CaseID: k.ID})
	if err != nil || n == 0 {
		return err
	}
	w := &work{q: q, c: k}
	w.change = domain.CaseChange{CaseID: k.ID, Version: k.Version, Who: author, At: at, To: k.CameFrom, Why: "автор ответил новым сообщением"}
	text := "Инцидент %s: автор ответил на вопрос, поручение снова в работе."
	if it.answers == k.ID {
		text = "Инцидент %s: автор ответил на вопрос, но пишет об опасности, у неё свой инцидент. Прочитайте: если ответа нет, спросите снова."
	}
	w.notify(domain.NoticeAnswered, fmt.Sprintf(text, k.Number))
	_, err = changeCase(ctx, q, wholeScope(k), w.change)
	return err
}
