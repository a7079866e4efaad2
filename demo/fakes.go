package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// serviceTokens is how many VK tokens the fake knows: with three calls a second
// each, as VK allows, twelve days fit into a minute.
const serviceTokens = 6

// ownPace is how long the fakes keep updates for a bot. While the clock catches up
// a day passes in two seconds: a machine that is busy for so long would lose what
// Telegram keeps for a day.
const ownPace = 30 * 24 * time.Hour

// ownGroup is the first of the communities from which the control centres answer,
// one a region.
const (
	ownGroup = 900100
	ownToken = "community-token-of-the-fake"
)

// longPollWait ends a long poll of the fake VK sooner than the wire would: --once
// waits for every source to have been read.
const longPollWait = 5 * time.Second

// Fakes are the fake platforms on loopback, with the chats of a feed.
type Fakes struct {
	VK       *vkfake.Server
	Telegram map[string]*tgfake.Chat // by source key
	VKTokens []string
	VKOwn    []string          // own communities as OTKLIK_VK_COMMUNITIES wants them
	VKGroups map[string]int64  // the same by region
	Accounts []BodyAccount     // of bodies, for the store
	BotToken map[string]string // by region
	MAX      *maxfake.World
	MAXChats map[string]*maxfake.Chat // by source key
	MAXBots  map[string]*maxfake.Bot  // by region

	VKURL, TelegramURL, PreviewURL, MAXURL string

	worlds  map[string]*tgfake.World // by region
	channel map[string]*tgfake.World // by lower-case channel name
	servers []*http.Server
	running sync.WaitGroup
	cancel  context.CancelFunc
}

// Listen says where the fakes listen; "" asks for a free loopback port.
type Listen struct{ VK, Telegram, MAX string }

// StartFakes builds the worlds of a feed and serves them until Close.
func StartFakes(ctx context.Context, feed Feed, clock domain.Clock, book *ledger.Ledger, at Listen) (*Fakes, error) {
	ctx, cancel := context.WithCancel(ctx)
	f := &Fakes{Telegram: map[string]*tgfake.Chat{}, BotToken: map[string]string{}, cancel: cancel,
		VKGroups: map[string]int64{},
		MAXChats: map[string]*maxfake.Chat{}, MAXBots: map[string]*maxfake.Bot{},
		worlds: map[string]*tgfake.World{}, channel: map[string]*tgfake.World{}}
	for i := range serviceTokens {
		f.VKTokens = append(f.VKTokens, "service-token-of-the-fake-"+strconv.Itoa(i+1))
	}
	f.VK = vkfake.New(vkfake.Options{Clock: clock, Ledger: book, Service: f.VKTokens, MaxWait: longPollWait})
	f.MAX = maxfake.New(maxfake.Options{Now: clock.Now, Ledger: book, PlainHTTP: true, FromStart: true,
		Retention: ownPace})
	if err := f.populate(feed, clock, book); err != nil {
		f.MAX.Close()
		cancel()
		return nil, err
	}
	f.running.Go(func() { f.VK.Run(ctx) })
	vk, err := f.serve(ctx, at.VK, f.VK)
	if err != nil {
		f.Close()
		return nil, err
	}
	tg, err := f.serve(ctx, at.Telegram, http.HandlerFunc(f.telegram))
	if err != nil {
		f.Close()
		return nil, err
	}
	if f.MAXURL, err = f.serve(ctx, at.MAX, f.MAX.Handler()); err != nil {
		f.Close()
		return nil, err
	}
	f.VKURL, f.TelegramURL, f.PreviewURL = vk+vkfake.MethodPath, tg, tg
	return f, nil
}

// populate makes the walls, channels and groups the feed writes to.
func (f *Fakes) populate(feed Feed, clock domain.Clock, book *ledger.Ledger) error {
	for _, s := range feed.Sources {
		f.ownCommunity(s.Region)
		number, err := strconv.ParseInt(s.Address, 10, 64)
		switch s.Kind {
		case "vk_wall":
			if err != nil || number >= 0 {
				return fmt.Errorf("source %s: a wall's address is a negative number", s.Key)
			}
			f.VK.AddCommunity(vkfake.Community{ID: -number, Name: s.Title})
		case "telegram_preview":
			w := f.world(s.Region, clock, book)
			chat := w.Channel(-1002000000000-int64(len(f.Telegram)), s.Address, s.Title)
			chat.SetMember(false) // a channel of others: only its preview can be read
			f.Telegram[s.Key] = chat
			f.channel[strings.ToLower(s.Address)] = w
		case "telegram_chat":
			if err != nil {
				return fmt.Errorf("source %s: a group's address is its number", s.Key)
			}
			f.Telegram[s.Key] = f.world(s.Region, clock, book).Supergroup(number, "", s.Title)
		case "max_chat":
			if err != nil || number >= 0 {
				return fmt.Errorf("source %s: a group's address is its number, which is negative", s.Key)
			}
			f.maxChat(s, number)
		default:
			return fmt.Errorf("source %s: unknown kind %q", s.Key, s.Kind)
		}
	}
	f.bodyAccounts()
	return nil
}

// ownCommunity is where a region answers from, and where people write to it.
func (f *Fakes) ownCommunity(region string) {
	if f.VKGroups[region] != 0 {
		return
	}
	id := ownGroup + int64(len(f.VKGroups))
	token := ownToken
	if id != ownGroup {
		token += "-" + strconv.FormatInt(id, 10)
	}
	f.VKGroups[region] = id
	f.VK.AddCommunity(vkfake.Community{ID: id, Name: "ЦУР отвечает (показ)", Token: token})
	f.VKOwn = append(f.VKOwn, strconv.FormatInt(id, 10)+":"+token)
}

// skipTo gives what is written from now on numbers that nothing had in an earlier
// life: what visitors wrote then is not played again, but stored under its number.
func (f *Fakes) skipTo(now time.Time) {
	number := now.Unix()
	f.VK.SkipTo(number)
	for _, w := range f.worlds {
		w.SkipTo(number)
	}
	for _, b := range f.MAXBots {
		b.SkipTo(number)
	}
}

// BodyAccount is an own community of one body of each region, beside the region's.
type BodyAccount struct {
	domain.Speaker

	Token string
}

// bodyGroup is the first of the bodies' communities.
const bodyGroup = 900200

// bodyAccounts makes the communities of the bodies whose visitors can log in.
func (f *Fakes) bodyAccounts() {
	for i, s := range []domain.Speaker{
		{Region: "khabarovsk", Title: "Хабаровск: мэрия отвечает (показ)", Bodies: []string{"adm-khabarovsk-city"}},
		{Region: "kaliningrad", Title: "Калининград: мэрия отвечает (показ)", Bodies: []string{"adm-kaliningrad-city"}},
	} {
		if f.VKGroups[s.Region] == 0 {
			continue // a feed of somebody's own
		}
		id := bodyGroup + int64(i)
		s.Platform, s.Address = domain.VK, strconv.FormatInt(id, 10)
		a := BodyAccount{Speaker: s, Token: ownToken + "-" + s.Address}
		f.VK.AddCommunity(vkfake.Community{ID: id, Name: s.Title, Token: a.Token})
		f.Accounts = append(f.Accounts, a)
	}
}

// TelegramWorld is the Telegram of a region, nil when it has none.
func (f *Fakes) TelegramWorld(region string) *tgfake.World { return f.worlds[region] }

// world is the Telegram of a region: one bot.
func (f *Fakes) world(region string, clock domain.Clock, book *ledger.Ledger) *tgfake.World {
	if w, ok := f.worlds[region]; ok {
		return w
	}
	token := strconv.Itoa(100200300+len(f.worlds)) + ":token-of-the-fake"
	w := tgfake.New(tgfake.Options{Token: token, Username: region + "_otklik_bot", Now: clock.Now, Ledger: book,
		Retention: ownPace})
	f.worlds[region], f.BotToken[region] = w, token
	return w
}

// telegram hands a request to the world of its bot or channel.
func (f *Fakes) telegram(w http.ResponseWriter, r *http.Request) {
	for region, token := range f.BotToken {
		if strings.HasPrefix(r.URL.Path, "/bot"+token+"/") {
			f.worlds[region].Handler().ServeHTTP(w, r)
			return
		}
	}
	name := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/"), "s/"))
	if world, ok := f.channel[name]; ok {
		world.Handler().ServeHTTP(w, r)
		return
	}
	for _, world := range f.worlds { // any world answers «no such channel» as Telegram does
		world.Handler().ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

func (f *Fakes) serve(ctx context.Context, addr string, h http.Handler) (string, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listen for a fake platform at %s: %w", addr, err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	f.servers = append(f.servers, srv)
	f.running.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			f.cancel()
		}
	})
	return "http://" + l.Addr().String(), nil
}

// Close stops everything and waits for it.
func (f *Fakes) Close() {
	f.cancel()
	for _, w := range f.worlds {
		w.Close()
	}
	f.MAX.Close()
	for _, s := range f.servers {
		_ = s.Close() // its clients are gone or about to be
	}
	f.running.Wait()
}
