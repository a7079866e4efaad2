package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// speakers knows who may speak for the bodies of the regions: stored accounts, and
// behind them the tokens of the environment as the region's own.
type speakers struct {
	store *storage.Store
	pl    *platforms
	seal  *login.Seal
	packs func() []*rules.Pack

	mu      sync.Mutex
	read    time.Time // when regions was read
	regions []reply.Region
	groups  map[int64]sealedClient[*vk.Client] // by account
	bots    map[int64]sealedClient[*telegram.Client]
	maxBots map[int64]sealedClient[*max.Client]
}

// sealedClient is a client made from a token as it was stored then.
type sealedClient[T any] struct {
	sealed string
	client T
}

func newSpeakers(store *storage.Store, pl *platforms, seal *login.Seal, packs func() []*rules.Pack) *speakers {
	return &speakers{store: store, pl: pl, seal: seal, packs: packs,
		groups: map[int64]sealedClient[*vk.Client]{}, bots: map[int64]sealedClient[*telegram.Client]{}, maxBots: map[int64]sealedClient[*max.Client]{}}
}

// speakersLook is how old the list of accounts may be.
const speakersLook = 2 * time.Second

// Regions gives the policy and the accounts of every region served here.
func (s *speakers) Regions(ctx context.Context) ([]reply.Region, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.read) < speakersLook {
		return s.regions, nil
	}
	accounts, err := s.store.Accounts(ctx, "")
	if err != nil {
		return nil, err
	}
	s.regions = nil
	for _, p := range s.packs() {
		r := reply.Region{ID: p.Region.ID, Knowledge: reply.Knowledge{Channels: channelsOf(p), Words: bots.AnswerWords()}}
		for _, a := range accounts {
			if a.Region == r.ID {
				r.Speakers = append(r.Speakers, a.Speaker)
			}
		}
		r.Speakers = append(r.Speakers, s.pl.speakers(r.ID)...)
		s.regions = append(s.regions, r)
	}
	s.read = time.Now()
	return s.regions, nil
}

// Ours reports whether an account of ours wrote a comment: what was answered comes
// back with the next poll.
func (s *speakers) Ours(p *domain.Post) bool {
	group, isGroup := strings.CutPrefix(p.Author.ID, "-")
	if p.Kind != domain.Comment || p.ID.Platform != domain.VK || !isGroup {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), speakersLook)
	defer cancel()
	regions, err := s.Regions(ctx)
	if err != nil { // then the commit fails too, and the batch is judged again
		return false
	}
	for _, r := range regions {
		for _, k := range r.Speakers {
			if k.Platform == domain.VK && k.Address == group {
				return true
			}
		}
	}
	return false
}

// channelsOf is the policy of a pack (law.md §4).
func channelsOf(p *rules.Pack) reply.Channels {
	return func(platform domain.Platform, way domain.Way) (bool, string) {
		if platform != domain.Mail && !p.Region.Allows(platform, way) {
			if way == domain.WayDialog && p.Region.Unnamed(platform) {
				return false, reply.WordsNoOperator
			}
			return false, reply.OffWords(platform, way)
		}
		return true, ""
	}
}

// speakers are the tokens of the environment: the region's own accounts.
func (p *platforms) speakers(region string) []domain.Speaker {
	var out []domain.Speaker
	for _, group := range p.vk.Communities() {
		out = append(out, domain.Speaker{Region: region, Platform: domain.VK, Address: strconv.FormatInt(group, 10), Whole: true})
	}
	for id := range p.bots {
		out = append(out, domain.Speaker{Region: region, Platform: domain.Telegram, Address: id, Whole: true})
	}
	if p.maxTokens > 0 {
		out = append(out, domain.Speaker{Region: region, Platform: domain.MAX, Address: domain.AnyAddress, Whole: true})
	}
	slices.SortFunc(out, func(a, b domain.Speaker) int { // the same order in every process
		return slices.Compare([]string{string(a.Platform), a.Address}, []string{string(b.Platform), b.Address})
	})
	return out
}

// couriers bring answers to the platforms as the account each delivery names.
func (s *speakers) couriers() map[domain.Platform]reply.Courier {
	return map[domain.Platform]reply.Courier{
		domain.VK:       reply.VKCourier{Client: s.vkClient},
		domain.Telegram: reply.TelegramCourier{Client: s.bot},
		domain.MAX:      reply.MAXCourier{Client: s.maxBot},
	}
}

func (s *speakers) vkClient(ctx context.Context, d domain.Delivery) (reply.VK, error) {
	if d.SpeakID == 0 {
		return s.pl.vk, nil
	}
	token, sealed, err := s.token(ctx, d)
	if err != nil {
		return nil, err
	}
	return cached(s, s.groups, d.SpeakID, sealed, func() (*vk.Client, error) {
		group, err := strconv.ParseInt(d.Account, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("account %d: %w", d.SpeakID, err)
		}
		return s.pl.vkAs(group, token), nil
	})
}

func (s *speakers) bot(ctx context.Context, d domain.Delivery) (reply.Telegram, error) {
	if d.SpeakID == 0 {
		if bot := s.pl.bots[d.Account]; bot != nil {
			return bot, nil
		}
		return nil, noAccount(d, "токена этого бота больше нет в OTKLIK_TELEGRAM_TOKEN")
	}
	token, sealed, err := s.token(ctx, d)
	if err != nil {
		return nil, err
	}
	return cached(s, s.bots, d.SpeakID, sealed, func() (*telegram.Client, error) { return s.pl.botAs(token) })
}

// maxBot gives the client and the number of the bot that speaks.
func (s *speakers) maxBot(ctx context.Context, d domain.Delivery) (reply.MAX, int64, error) {
	if d.SpeakID == 0 {
		bot, err := s.pl.max.Find(ctx, d.Account)
		if err != nil {
			return nil, 0, err
		}
		return bot.Client, bot.Self.ID, nil
	}
	number, err := strconv.ParseInt(d.Account, 10, 64)
	if err != nil {
		return nil, 0, noAccount(d, "номер бота MAX — не число")
	}
	token, sealed, err := s.token(ctx, d)
	if err != nil {
		return nil, 0, err
	}
	client, err := cached(s, s.maxBots, d.SpeakID, sealed, func() (*max.Client, error) { return s.pl.maxAs(token) })
	return client, number, err
}

func cached[T any](s *speakers, known map[int64]sealedClient[T], id int64, sealed string, build func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := known[id]; ok && c.sealed == sealed {
		return c.client, nil
	}
	client, err := build()
	if err == nil {
		known[id] = sealedClient[T]{sealed: sealed, client: client}
	}
	return client, err
}

// token opens the token of the account a delivery names.
func (s *speakers) token(ctx context.Context, d domain.Delivery) (token, sealed string, err error) {
	a, err := s.store.AccountToken(ctx, d.SpeakID)
	if errors.Is(err, domain.ErrNotFound) {
		return "", "", noAccount(d, "аккаунт, от которого отвечали, удалён")
	}
	if err != nil {
		return "", "", err
	}
	if a.Broken != "" {
		broken := noAccount(d, "аккаунт, от которого отвечали, не работает: "+a.Broken)
		broken.Err = reply.ErrAccountBroken
		return "", "", broken
	}
	plain, _, err := s.seal.Open(a.Sealed, accountSeal(a.Speaker))
	if err != nil {
		return "", "", noAccount(d, "токен аккаунта не расшифровать: ключа, которым он зашифрован, нет в OTKLIK_SECRET_KEY")
	}
	return string(plain), string(a.Sealed), nil
}

// accountSeal is what a sealed token belongs to: a copied row opens nowhere else.
func accountSeal(a domain.Speaker) string {
	return "account:" + a.Region + ":" + string(a.Platform) + ":" + a.Address
}

func noAccount(d domain.Delivery, words string) *domain.PlatformError {
	return &domain.PlatformError{Platform: d.Platform, Method: "reply", Reaction: domain.AskPerson, Words: words, Err: errors.New("no token of the account")}
}
