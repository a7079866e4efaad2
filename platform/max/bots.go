package max

import (
	"context"
	"crypto/subtle"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Bots finds the client of a bot by its number. A token of MAX does not hold the
// number, so each is asked who it is, once, when somebody first wants to know.
type Bots struct {
	all    []*Client
	asking sync.Mutex // held over calls, so that each bot is asked once
	mu     sync.Mutex
	known  map[string]*Bot // by number
}

// Bot is a client and whose it is.
type Bot struct {
	*Client
	ID   string
	Self User
}

// NewBots takes clients. It calls nobody.
func NewBots(clients ...*Client) *Bots {
	return &Bots{all: slices.Clone(clients), known: map[string]*Bot{}}
}

// Allowed reports whether a secret is the one with which a bot of ours registered
// its webhook. It calls nobody: the platform may be out of reach.
func (b *Bots) Allowed(bot, secret string) bool {
	allowed := false
	for _, c := range b.all {
		if subtle.ConstantTimeCompare([]byte(c.WebhookSecret(bot)), []byte(secret)) == 1 {
			allowed = true
		}
	}
	return allowed
}

// Find gives the bot with a number, or with a name (with or without @).
func (b *Bots) Find(ctx context.Context, address string) (*Bot, error) {
	if bot := b.match(address); bot != nil {
		return bot, nil
	}
	b.asking.Lock()
	defer b.asking.Unlock()
	failure := b.ask(ctx)
	if bot := b.match(address); bot != nil {
		return bot, nil
	}
	if failure != nil { // the bot may be one of those that did not answer
		return nil, failure
	}
	return nil, noBot(http.MethodGet+" "+pathMe, "среди токенов OTKLIK_MAX_TOKEN нет бота "+address+b.others())
}

// All are the bots whose numbers are known by now, in their order; those that do not
// say who they are are left out.
func (b *Bots) All(ctx context.Context) []*Bot {
	b.asking.Lock()
	_ = b.ask(ctx) // whoever fails is asked again next time
	b.asking.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*Bot
	for _, id := range slices.Sorted(maps.Keys(b.known)) {
		out = append(out, b.known[id])
	}
	return out
}

func (b *Bots) match(address string) *Bot {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bot, ok := b.known[address]; ok {
		return bot
	}
	name := strings.ToLower(strings.TrimPrefix(address, "@"))
	for _, bot := range b.known {
		if name != "" && strings.ToLower(bot.Self.Username) == name {
			return bot
		}
	}
	return nil
}

// ask learns whose the tokens are that nobody knows of yet. One that fails is
// asked again next time and does not hide the others.
func (b *Bots) ask(ctx context.Context) (failure error) {
	for _, c := range b.all {
		if b.owned(c) {
			continue
		}
		self, err := c.Me(ctx)
		if err != nil {
			failure = fmt.Errorf("ask who a MAX bot is: %w", err)
			continue
		}
		id := strconv.FormatInt(self.ID, 10)
		b.mu.Lock()
		b.known[id] = &Bot{Client: c, ID: id, Self: self}
		b.mu.Unlock()
	}
	return failure
}

func (b *Bots) owned(c *Client) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, bot := range b.known {
		if bot.Client == c {
			return true
		}
	}
	return false
}

// others names the bots there are, for a person who gave another.
func (b *Bots) others() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) == 0 {
		return ""
	}
	var names []string
	for _, id := range slices.Sorted(maps.Keys(b.known)) {
		names = append(names, id+" (@"+b.known[id].Self.Username+")")
	}
	return "; есть: " + strings.Join(names, ", ")
}
