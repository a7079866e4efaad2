package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/classify/place"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	maxingest "github.com/otklik/otklik/ingest/max"
	tgingest "github.com/otklik/otklik/ingest/telegram"
	vkingest "github.com/otklik/otklik/ingest/vk"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

// botDesk answers private messages where a region's channel policy allows it.
// Without OTKLIK_SECRET_KEY there is nothing to hash chats with: private messages
// are refused then.
type botDesk struct {
	keys  *bots.Keys
	hands *hands
	pack  func(region string) *rules.Pack // the active one, nil when not served here

	mu   sync.Mutex
	made map[string]madeBot // by region
}

type madeBot struct {
	hash string
	bot  *bots.Bot
}

// newBotDesk makes the bots of this process, or nil without a key.
func newBotDesk(key string, seal *login.Seal, h *hands, pack func(string) *rules.Pack) (*botDesk, error) {
	if !seal.Ready() {
		return nil, nil
	}
	keys, err := bots.NewKeys(key)
	if err != nil {
		return nil, fmt.Errorf("OTKLIK_SECRET_KEY: %w", err)
	}
	return &botDesk{keys: keys, hands: h, pack: pack, made: map[string]madeBot{}}, nil
}

// platformOf is where a source's private messages come from; "" where the bot
// does not answer yet.
func platformOf(kind domain.SourceKind) domain.Platform {
	switch kind {
	case domain.VKLongPoll, domain.VKCallback:
		return domain.VK
	case domain.MAXBot, domain.MAXWebhook:
		return domain.MAX
	case domain.TelegramBot, domain.TelegramWebhook:
		return domain.Telegram
	default:
		return ""
	}
}

// Talk implements worker.Talks.
func (b *botDesk) Talk(src domain.Source) domain.Talk {
	if bot := b.bot(src.Region, platformOf(src.Kind)); bot != nil {
		return bot
	}
	return nil
}

// Mark implements worker.Talks.
func (b *botDesk) Mark(p *domain.Post) { b.keys.Mark(p) }

// agrees reports a message that brings consent to a bot.
func (b *botDesk) agrees(platform domain.Platform) func(region string, p *domain.Post) bool {
	return func(region string, p *domain.Post) bool { return b.bot(region, platform) != nil && bots.Agrees(p) }
}

// speaks reports whether a region's bot answers on a platform, be it only the
// people of the desk.
func (b *botDesk) speaks(platform domain.Platform) func(region string) bool {
	return func(region string) bool {
		p := b.pack(region)
		return b.bot(region, platform) != nil || p != nil && p.Region.Allows(platform, domain.WayStaff)
	}
}

// bot is a region's bot on a platform; nil where the policy keeps it silent.
func (b *botDesk) bot(region string, platform domain.Platform) *bots.Bot {
	p := b.pack(region)
	if p == nil || platform == "" || !p.Region.Allows(platform, domain.WayDialog) {
		return nil
	}
	return b.of(p)
}

func (b *botDesk) of(p *rules.Pack) *bots.Bot {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m, ok := b.made[p.Region.ID]; ok && m.hash == p.Hash {
		return m.bot
	}
	bot := bots.New(botFacts(p))
	b.made[p.Region.ID] = madeBot{hash: p.Hash, bot: bot}
	return bot
}

func botFacts(p *rules.Pack) bots.Facts {
	f := bots.Facts{Name: p.Region.Name, Center: p.Region.Center, Operator: p.Region.Operator.Name, OperatorAddress: p.Region.Operator.Address, Zone: p.Region.Location, SatisfactionDays: p.Region.Norms.SatisfactionDays,
		BodyName: agencyNames(p), Redue: router.New(p).Redue}
	villages := map[string][]string{}
	for i := range p.Gazetteer.Settlements {
		s := &p.Gazetteer.Settlements[i]
		villages[s.Municipality] = append(append(villages[s.Municipality], s.Name), s.Forms...)
	}
	for i := range p.Gazetteer.Municipalities {
		m := &p.Gazetteer.Municipalities[i]
		f.Municipalities = append(f.Municipalities, bots.Municipality{ID: m.ID, Name: m.Name, Forms: m.Forms, Center: m.Center, Settlements: villages[m.ID]})
	}
	index := place.NewIndex(&p.Gazetteer)
	f.Find = func(said string) string {
		doc, err := text.NewAnalyzer(nil).Analyze(said)
		if err != nil {
			return ""
		}
		var w place.Work
		where, _ := index.Find(&w, doc, "")
		if where.Source != domain.PlaceText || where.Disputed {
			return ""
		}
		return where.Municipality
	}
	return f
}

// tellStore is what telling authors needs of the store.
type tellStore interface {
	feedStore
	RekeyDialogs(ctx context.Context, after int64, now time.Time, key storage.ChatKey) (last int64, moved int, err error)
	RekeyStaff(ctx context.Context, after int64, key storage.ChatKey) (last int64, moved int, err error)
	TellDialogs(ctx context.Context, region string, now time.Time, tell domain.Tell) (int, error)
}

const tellLook = 2 * time.Second

// tell lets authors hear what became of their cases, and subscribers what is
// announced, until ctx ends.
func (s *server) tell(ctx context.Context, b *botDesk, store tellStore) error {
	life := s.lives.Begin("bot", "", domain.LoopSilence)
	defer life.End()
	s.rekey(ctx, b, store, life)
	every(ctx, tellLook, func() {
		life.Beat()
		for _, p := range s.follower.Packs() {
			for ctx.Err() == nil {
				life.Beat()
				n, err := store.TellDialogs(ctx, p.Region.ID, s.clock.Now(), b.of(p).Tell)
				if err != nil && ctx.Err() == nil {
					s.log.Error("tell authors of their cases", "region", p.Region.ID, "err", err)
				}
				if err != nil || n < domain.TellAtOnce {
					break
				}
			}
		}
		s.feed(ctx, b, store)
	})
	return nil
}

// rekey moves known chats to the newest of several secret keys, so that whoever does
// not write meanwhile is not lost with the old one. What fails is done at the next
// start.
func (s *server) rekey(ctx context.Context, b *botDesk, store tellStore, life *domain.Life) {
	if !b.keys.Rotating() {
		return
	}
	total := 0
	dialogs := func(ctx context.Context, after int64, key storage.ChatKey) (int64, int, error) {
		return store.RekeyDialogs(ctx, after, s.clock.Now(), key)
	}
	for _, move := range []func(context.Context, int64, storage.ChatKey) (int64, int, error){dialogs, store.RekeyStaff} {
		for after := int64(0); ctx.Err() == nil; {
			life.Beat()
			last, moved, err := move(ctx, after, b.keys.Chat)
			if err != nil {
				s.log.Error("move chats to the newest secret key: the old one is needed still", "err", err)
				return
			}
			total += moved
			if after = last; last == 0 {
				break
			}
		}
	}
	if ctx.Err() == nil {
		s.log.Info("chats of the bot are under the newest secret key", "moved", total)
	}
}

// bots puts the bots between the sources and the worker; nil without a key.
func (s *server) bots(pl *platforms, w *worker.Worker, seal *login.Seal) (*botDesk, error) {
	key, err := s.secretKey()
	if err != nil {
		return nil, err
	}
	b, err := newBotDesk(key, seal, newHands(s.infra.store), s.follower.Pack)
	if err != nil {
		return nil, err
	}
	if b == nil {
		s.log.Warn("OTKLIK_SECRET_KEY is not set: there is no bot, private messages are refused")
		return nil, nil
	}
	w.Talks = b
	for _, p := range s.follower.Packs() {
		if p.Region.Operator.Assumed() {
			s.log.Warn("citizens consent to an operator of personal data that the pack assumes: confirm or correct it (operator in region.yaml)",
				"region", p.Region.ID, "operator", p.Region.Operator.Name)
		}
		for _, platform := range domain.Platforms() {
			if p.Region.Unnamed(platform) {
				s.log.Warn("private messages are refused: the region's pack names no operator of personal data (operator in region.yaml)", "region", p.Region.ID, "platform", platform)
			}
		}
	}
	pl.tgTalk = &tgingest.Talk{Speaks: b.speaks(domain.Telegram), Answer: pl.answerPress, Pressed: bots.Pressed, Log: s.log}
	pl.recall = &vkingest.Recall{Agrees: b.agrees(domain.VK), History: pl.vk.History}
	pl.hide = func(peer int64) int64 { return b.keys.Number("vk-conversation:" + strconv.FormatInt(peer, 10)) }
	pl.maxTalk = &maxingest.Talk{Speaks: b.speaks(domain.MAX), Agrees: b.agrees(domain.MAX), Pressed: bots.Pressed, Log: s.log}
	return b, nil
}

// botOutbox adds to claimed words of the bot where they go: in the outbox they
// name the dialog only.
type botOutbox struct{ *storage.Store }

// ClaimDelivery implements reply.Deliveries.
func (o botOutbox) ClaimDelivery(ctx context.Context, within time.Duration) (domain.Delivery, bool, error) {
	d, ok, err := o.Store.ClaimDelivery(ctx, within)
	if err == nil && ok && d.Staff {
		return o.toStaff(ctx, d)
	}
	if err != nil || !ok || d.DialogID == 0 {
		return d, ok, err
	}
	a, err := o.AddressOf(ctx, d.ID)
	if err != nil {
		return d, false, err // the claim lapses and is made again
	}
	return toDialog(d, a), true, nil
}

// toDialog addresses words of the bot. Without a chat the courier refuses them for good.
func toDialog(d domain.Delivery, a storage.WordAddress) domain.Delivery {
	d.To, d.Buttons, d.SpeakID = domain.NewPrivateID(a.Platform, a.Owner, a.Chat, "0"), a.Buttons, a.SpeakID
	return d
}

// toStaff is where a message to somebody of the desk goes: their mailbox, or the chat
// they linked. Of a link that has ended there is
// no address, and the courier refuses.
func (o botOutbox) toStaff(ctx context.Context, d domain.Delivery) (domain.Delivery, bool, error) {
	a, err := o.StaffAddressOf(ctx, d.ID)
	if err != nil {
		return d, false, err // the claim lapses and is made again
	}
	return toDesk(d, a), true, nil
}

// toDesk addresses words to somebody of the desk.
func toDesk(d domain.Delivery, a storage.StaffAddress) domain.Delivery {
	d.To, d.Buttons, d.SpeakID = domain.NewPrivateID(a.Platform, a.Owner, a.Chat, "0"), a.Buttons, a.SpeakID
	d.Email, d.Subject = a.Email, a.Subject
	return d
}
