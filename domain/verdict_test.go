package domain_test

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// Who puts the house right leaves the crossing; who puts the street right does not.
func TestPlaceWithAnotherAddress(t *testing.T) {
	p := domain.Place{Municipality: "m1", Settlement: "Хабаровск", District: "Центральный", Street: "Ленина улица", Crossing: "Пушкина улица", Source: domain.PlaceHome}
	house, street, town := p.Address(), p.Address(), p.Address()
	house.House, street.Street, town.Settlement = "5", "Мира улица", "Бикин"
	for a, want := range map[domain.Address]string{p.Address(): "Пушкина улица", house: "Пушкина улица", street: "", town: ""} {
		got := p.With(a)
		if got.Crossing != want || got.Address() != a {
			t.Errorf("%+v: %+v", a, got)
		}
		if a != p.Address() && (got.District != "" || got.Source != domain.PlaceText) {
			t.Errorf("%+v keeps what no longer holds: %+v", a, got)
		}
	}
}
