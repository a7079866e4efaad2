package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// demoNotice stands on every page of the demonstration.
const demoNotice = "Показ: люди и сообщения вымышлены, второй фактор — только у того, кто его включит."

// addPeople gives the demonstration its logins; with --keep they may be there.
func (d *demonstration) addPeople(ctx context.Context) error {
	hasher, err := login.NewCheapHasher()
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(ctx, demo.Password)
	if err != nil {
		return err
	}
	by := domain.Doer{Login: domain.DoerSystem, At: d.clock.Now()}
	for _, u := range demo.People() {
		added, err := d.infra.store.AddUser(ctx, u, hash, by)
		if errors.Is(err, storage.ErrExists) {
			continue
		}
		if err == nil {
			err = d.infra.store.SetStaffSettings(ctx, added, demo.StaffSettings(), domain.UsualStaffSettings().Mark(), by)
		}
		if err != nil {
			return fmt.Errorf("login %s of the demonstration: %w", u.Login, err)
		}
	}
	return nil
}

// addAccounts gives a body of each region a community of its own, kept as
// administrators would; with --keep they are there.
func (d *demonstration) addAccounts(ctx context.Context) error {
	seal, err := d.server.seal()
	if err != nil {
		return err
	}
	for _, a := range d.fakes.Accounts {
		sealed, err := seal.Close([]byte(a.Token), accountSeal(a.Speaker))
		if err != nil {
			return sealFault(err)
		}
		by := domain.Doer{Login: domain.DoerSystem, Region: a.Region, At: d.clock.Now()}
		if _, err := d.infra.store.KeepAccount(ctx, a.Speaker, sealed, by); err != nil && !errors.Is(err, domain.ErrExists) {
			return fmt.Errorf("account %s of the demonstration: %w", a.Address, err)
		}
	}
	return nil
}

// demoLogins are the logins in words, a line a region.
func demoLogins() []string {
	names := map[string]string{"khabarovsk": "Хабаровский край", "kaliningrad": "Калининградская область"}
	var regions []string
	logins := map[string][]string{}
	for _, u := range demo.People() {
		if logins[u.Region] == nil {
			regions = append(regions, u.Region)
		}
		logins[u.Region] = append(logins[u.Region], u.Login)
	}
	out := []string{"Показ, пароль у всех: " + demo.Password}
	for _, r := range regions {
		out = append(out, names[r]+": "+strings.Join(logins[r], ", "))
	}
	return out
}
