package reply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Channels tells whether a region may answer in a way on a platform (law.md §4);
// words say why not, in Russian.
type Channels func(p domain.Platform, w domain.Way) (allowed bool, words string)

// Knowledge is what a plan goes by besides the conversation.
type Knowledge struct {
	Channels Channels
	Speakers []domain.Speaker // of the region, in the order of preference
	Words    domain.AnswerWords
}

// Reasons of a plan: why a place was taken, or left.
const (
	ReasonOpener   = "opening_post"   // what opened the case
	ReasonNext     = "next_post"      // the opening one cannot be answered
	ReasonChosen   = "chosen"         // a person chose it
	ReasonOwnCopy  = "wrote_to_bot"   // its author wrote in private: a short one of their own
	ReasonGone     = "deleted"        // the post is no longer there
	ReasonSilent   = "no_consent"     // the author wants no messages
	ReasonPolicy   = "channel_off"    // the pack's policy
	ReasonAccount  = "no_account"     // nobody can speak there
	ReasonReadOnly = "read_only"      // a source that takes no answers
	ReasonOnePost  = "answered_above" // one public answer is enough for a flood
	ReasonNoWay    = "no_way"         // nothing is left
	ReasonRefused  = "refused_before" // the place did not take our words before
	ReasonPrivate  = domain.ReasonPrivate
)

// Plan decides where an approved answer goes: one public message under the post
// that opened the case (under the comment when that is what opened it), and a
// short one to each author who wrote to the bot. Pure.
func Plan(r domain.ReplyToPlan, k Knowledge) domain.DeliveryPlan {
	p := planner{reply: r, know: k, seen: map[string]bool{}}
	for i, post := range r.Posts {
		p.look(post, i == 0)
	}
	return p.plan()
}

type planner struct {
	reply domain.ReplyToPlan
	know  Knowledge
	spots []domain.Spot
	seen  map[string]bool // keys of spots, and chats
	out   domain.DeliveryPlan
}

// keyPrefix begins the keys of an answer as it was approved last.
func (p *planner) keyPrefix() string {
	return fmt.Sprintf("reply:%d:%d:", p.reply.ReplyID, p.reply.Approved.UnixMicro())
}

// look finds the place a post offers, or says why it offers none.
func (p *planner) look(post domain.PlanPost, opener bool) {
	s, ok, refused := spotOf(post)
	if !ok {
		p.leave(post.ID, refused)
		return
	}
	s.Key = fmt.Sprintf("%s%s:%s", p.keyPrefix(), s.Way, placeName(s))
	if p.seen[s.Key] || s.Way == domain.WayDialog && p.seen[s.Chat] {
		return // another message of the same dialog
	}
	if post.Gone && s.Way == domain.WayPublic {
		p.leave(post.ID, refusal{ReasonGone, "сообщение удалено на площадке"})
		return
	}
	if post.Silent {
		p.leave(post.ID, refusal{ReasonSilent, "автор отозвал согласие или запретил боту писать"})
		return
	}
	if !p.reply.For(post) {
		p.leave(post.ID, refusal{ReasonPrivate, "ответ согласован как личный, для одного автора, а здесь его прочтут и другие: напишите его иначе"})
		return
	}
	if allowed, words := p.know.Channels(s.Platform, s.Way); !allowed {
		p.leave(post.ID, refusal{ReasonPolicy, words})
		return
	}
	if s.Account, s.SpeakID, ok = p.speaker(s, post); !ok {
		p.leave(post.ID, refusal{ReasonAccount, noAccountWords(s, len(p.reply.Dead) > 0)})
		return
	}
	p.seen[s.Key], p.seen[s.Chat] = true, true
	s.Reason, s.Words = ReasonNext, "первое сообщение, под которым можно ответить"
	if opener {
		s.Reason, s.Words = ReasonOpener, "сообщение, с которого начался инцидент"
	}
	p.spots = append(p.spots, s)
}

type refusal struct{ reason, words string }

func (p *planner) leave(to domain.PostID, why refusal) {
	if len(p.out.Left) < maxLeft {
		p.out.Left = append(p.out.Left, domain.LeftOut{To: to, Reason: why.reason, Words: why.words})
	}
	if p.out.Reason == "" { // the opening post's own reason is the one people read
		p.out.Reason, p.out.Words = why.reason, why.words
	}
}

// maxLeft and maxOthers bound what is kept of a flood.
const (
	maxLeft   = 20
	maxOthers = 20
)

// plan chooses among the places that can be answered.
func (p *planner) plan() domain.DeliveryPlan {
	main := p.main()
	if main < 0 {
		if p.out.Reason == "" {
			p.out.Reason, p.out.Words = ReasonNoWay, "отвечать некуда: в инциденте нет сообщений"
		}
		if len(p.spots) > 0 && len(p.out.Left) == 0 {
			p.out.Words = "там, куда ответ шёл, ответить больше нельзя: выберите другое место"
		}
		p.others(main)
		return p.out
	}
	p.out.Reason, p.out.Words = p.spots[main].Reason, p.spots[main].Words
	p.add(p.spots[main], p.reply.Text, true)
	for i, s := range p.spots {
		switch {
		case i == main:
		case s.Way == domain.WayDialog:
			s.Reason, s.Words = ReasonOwnCopy, "автор писал в личные сообщения"
			p.add(s, p.know.Words.Short(p.reply.Kind, p.reply.Number, p.reply.Text), false)
		case len(p.out.Others) < maxOthers:
			p.leave(s.To, refusal{ReasonOnePost, "на поток сообщений хватает одного открытого ответа"})
		}
	}
	p.others(main)
	return p.out
}

// others are the ways that a person may choose instead.
func (p *planner) others(main int) {
	for i, s := range p.spots {
		if i != main && len(p.out.Others) < maxOthers {
			p.out.Others = append(p.out.Others, domain.WayChoice{Key: s.Key, Words: spotWords(s)})
		}
	}
}

// main is the place whose end decides about the case: the one a person chose, or
// the first that can be answered, the opening post's before the others. Where the
// chosen one cannot be answered a person chooses anew: whoever has their short copy
// already is not sent the whole by itself.
func (p *planner) main() int {
	for i := range p.spots {
		if p.reply.Wanted != "" && p.spots[i].Key == p.reply.Wanted {
			p.spots[i].Reason, p.spots[i].Words = ReasonChosen, "выбрано человеком"
			return i
		}
	}
	if len(p.spots) == 0 || strings.HasPrefix(p.reply.Wanted, p.keyPrefix()) {
		return -1
	}
	if p.spots[0].Reason == ReasonOpener {
		return 0
	}
	// A public answer is seen by all who wrote; a private one by its author only.
	return max(0, slices.IndexFunc(p.spots, func(s domain.Spot) bool { return s.Way == domain.WayPublic }))
}

func (p *planner) add(s domain.Spot, text string, main bool) {
	if !main { // the whole answer may still come to the same place, when a person chooses it
		s.Key += ":short"
	}
	p.out.Deliveries = append(p.out.Deliveries, domain.PlannedDelivery{Spot: s, Text: text, Main: main,
		// Telegram has neither a key nor a way to look back (protocols.md).
		Repeatable: s.Platform != domain.Telegram})
}

// spotOf is where a post can be answered, whoever speaks.
func spotOf(post domain.PlanPost) (domain.Spot, bool, refusal) {
	s := domain.Spot{Platform: post.ID.Platform, Way: domain.WayPublic, To: post.ID}
	if post.Kind == domain.Message {
		s.Way = domain.WayDialog
		if s.Chat = post.Chat; s.Chat == "" { // no bot talks there
			s.Chat = dialogChat(post.ID)
		}
		s.Thread = s.Chat
		s.Gap = dialogGap
		return s, true, refusal{}
	}
	switch post.ID.Platform {
	case domain.VK:
		s.Thread = domain.TalkName(post.ID, post.Thread)
		s.Chat = s.Thread
		return s, true, refusal{}
	case domain.Telegram, domain.MAX:
		return groupSpot(s, post)
	}
	return s, false, refusal{ReasonReadOnly, "эта площадка ответов не принимает"}
}

// groupSpot: a bot answers in the groups it sits in. A channel is read through
// its public page, or by a bot that cannot comment there: comments are messages
// of the discussion group.
func groupSpot(s domain.Spot, post domain.PlanPost) (domain.Spot, bool, refusal) {
	if post.Address == "" || post.Source == domain.TelegramPreview {
		return s, false, refusal{ReasonReadOnly, "канал читается по открытой странице, отвечать в нём некому"}
	}
	if post.Kind == domain.WallPost {
		return s, false, refusal{ReasonReadOnly, "под записью канала бот ответить не может, только в группе обсуждений"}
	}
	s.Chat = string(post.ID.Platform) + ":" + post.ID.Owner
	s.Thread = domain.TalkName(post.ID, post.Thread)
	s.Gap = groupGap
	if post.ID.Platform == domain.MAX {
		s.Gap = dialogGap // no such limit is published there
	}
	return s, true, refusal{}
}

// placeName is a place in its key, the same however often an answer is planned: the
// outbox may call a private chat by another name next time (a new secret), and what
// has another key is sent once more.
func placeName(s domain.Spot) string {
	if s.Way == domain.WayDialog {
		return dialogChat(s.To)
	}
	return s.To.String()
}

// dialogChat is a private chat: whose account, and with whom.
func dialogChat(id domain.PostID) string {
	peer, _, _ := id.Dialog()
	return string(id.Platform) + ":" + id.Owner + ":" + peer
}

// speaker finds who speaks at a place: the body's own account, else the region's.
// A group of Telegram or MAX is reached only by the one bot that sits in it. In a
// dialog speaks the account its citizen wrote to, whichever body's that is: they
// know no other. Where that one cannot, in VK the region's may be let in; a bot of
// MAX or Telegram cannot write first.
func (p *planner) speaker(s domain.Spot, post domain.PlanPost) (string, int64, bool) {
	only := ""
	switch {
	case s.Platform == domain.VK && s.Way == domain.WayDialog:
		only = strings.TrimPrefix(post.ID.Owner, "-")
	case s.Way == domain.WayDialog:
		only = post.ID.Owner
	case s.Platform != domain.VK:
		only = post.Address
	}
	best, rank := domain.Speaker{}, 0
	for _, k := range p.know.Speakers {
		if k.Platform != s.Platform || k.Broken != "" || k.ID != 0 && slices.Contains(p.reply.Dead, k.ID) {
			continue
		}
		here := k.Address == only || k.Address == domain.AnyAddress
		r := 0
		switch {
		case s.Way == domain.WayDialog && here:
			r = 30 + stored(k)
		case only == "" || here || s.Platform == domain.VK:
			r = p.rank(k, post, s.Way)
		}
		if r > rank {
			best, rank = k, r
		}
	}
	if best.Address == domain.AnyAddress {
		best.Address = only
	}
	return best.Address, best.ID, rank > 0
}

// rank orders accounts: the body's own before the region's, a stored one before
// the environment's, the owner of the wall before others. Another body's speaks
// for nobody else.
func (p *planner) rank(k domain.Speaker, post domain.PlanPost, way domain.Way) int {
	var rank int
	switch {
	case way != domain.WayDialog && slices.Contains(k.Bodies, p.reply.Body):
		rank = 40
	case k.Whole:
		rank = 10 + stored(k)
	default:
		return 0
	}
	if "-"+k.Address == post.ID.Owner {
		rank += 5
	}
	return rank
}

// stored prefers a token that administrators keep here to one of the environment.
func stored(k domain.Speaker) int {
	if k.ID != 0 {
		return 10
	}
	return 0
}

// Least time between two tries in one chat (protocols.md, «Send limits»: a
// message a second into one chat, 20 a minute into a group).
const (
	dialogGap = time.Second
	groupGap  = 3 * time.Second
)
