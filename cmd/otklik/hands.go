package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/storage"
)

// hands are the addresses of chats that nothing stored may tell: of people who have
// not agreed (152-ФЗ ст. 9), or of a chat that is nobody's. They live in the memory of
// the process that has heard from the chat, until the words are there. What is lost
// with the process is said when its author writes again.
type hands struct {
	store handStore
	now   func() time.Time // of the machine

	mu     sync.Mutex
	held   map[int64]hand // by delivery
	looked time.Time
}

// handStore is what hands need of the store.
type handStore interface {
	WordsInHand(ctx context.Context, chatKey []byte) ([]int64, error)
	StillInHand(ctx context.Context, ids []int64) ([]int64, error)
	ClaimInHand(ctx context.Context, held []int64, within time.Duration) (domain.Delivery, bool, error)
	FinishDelivery(ctx context.Context, end domain.DeliveryEnd, now time.Time) error
	AddressOf(ctx context.Context, delivery int64) (storage.WordAddress, error)
	StaffAddressOf(ctx context.Context, delivery int64) (storage.StaffAddress, error)
}

type hand struct {
	chat  string
	since time.Time
}

const (
	// handsLook is how often it is asked what of the held is over.
	handsLook = time.Minute
	// handsMost bounds what is remembered while a platform takes nothing.
	handsMost = 50_000

	handSlots = 4 // tries at once
	handsLast = 3 // looks after intake has ended
)

func newHands(store handStore) *hands {
	return &hands{store: store, now: time.Now, held: map[int64]hand{}}
}

// hold remembers where the words go that wait for the address of a message's chat,
// those of before a crash too.
func (h *hands) hold(ctx context.Context, p *domain.Post) error {
	if p.Private == nil || len(p.Private.ChatKeys) == 0 {
		return nil
	}
	ids, err := h.store.WordsInHand(ctx, p.Private.ChatKeys[0])
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if _, known := h.held[id]; known || len(h.held) < handsMost {
			h.held[id] = hand{chat: p.Private.Chat, since: h.now()}
		}
	}
	return nil
}

// ClaimDelivery implements reply.Claims: of what is due it claims what is held here.
func (h *hands) ClaimDelivery(ctx context.Context, within time.Duration) (domain.Delivery, bool, error) {
	if err := h.forget(ctx); err != nil {
		return domain.Delivery{}, false, err
	}
	d, ok, err := h.store.ClaimInHand(ctx, h.ids(), within)
	if err != nil || !ok {
		return d, false, err
	}
	h.mu.Lock()
	chat := h.held[d.ID].chat
	h.mu.Unlock()
	d, err = h.addressed(ctx, d, chat)
	return d, err == nil, err // else the claim lapses and is made again
}

func (h *hands) addressed(ctx context.Context, d domain.Delivery, chat string) (domain.Delivery, error) {
	if d.Staff {
		a, err := h.store.StaffAddressOf(ctx, d.ID)
		a.Chat = chat
		return toDesk(d, a), err
	}
	a, err := h.store.AddressOf(ctx, d.ID)
	a.Chat = chat
	return toDialog(d, a), err
}

// FinishDelivery implements reply.Claims.
func (h *hands) FinishDelivery(ctx context.Context, end domain.DeliveryEnd, now time.Time) error {
	err := h.store.FinishDelivery(ctx, end, now)
	if err == nil && end.State != domain.DeliveryWaiting {
		h.mu.Lock()
		delete(h.held, end.ID)
		h.mu.Unlock()
	}
	return err
}

func (h *hands) ids() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.held))
}

func (h *hands) any() bool { return len(h.ids()) > 0 }

// forget lets go of what is over, whoever ended it: no address stays longer than there
// are words for it.
func (h *hands) forget(ctx context.Context) error {
	h.mu.Lock()
	asked := h.now()
	due := asked.Sub(h.looked) >= handsLook && len(h.held) > 0
	if due {
		h.looked = asked
	}
	h.mu.Unlock()
	if !due {
		return nil
	}
	left, err := h.store.StillInHand(ctx, h.ids())
	if err != nil {
		return fmt.Errorf("look what is over of the words in hand: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.held, func(id int64, k hand) bool { return k.since.Before(asked) && !slices.Contains(left, id) })
	return nil
}

// Answered implements worker.Talks.
func (b *botDesk) Answered(ctx context.Context, posts []domain.Post) error {
	for i := range posts {
		if err := b.hands.hold(ctx, &posts[i]); err != nil {
			return err
		}
	}
	return nil
}

// carry says what this process has in hand.
func (s *server) carry(intake, hard context.Context, h *hands, who *speakers, g *group) {
	postman := &reply.Postman{Couriers: who.couriers(), Regions: who.Regions, Clock: s.clock, Log: s.log, Every: answerLook, Slots: handSlots, Lives: s.lives}
	g.run("words in hand", func() error {
		err := postman.Carry(intake, hard, h)
		for n := 0; err == nil && n < handsLast && h.any() && hard.Err() == nil; n++ { // a chat has its pace
			time.Sleep(answerLook)
			err = postman.Carry(intake, hard, h)
		}
		return err
	})
}
