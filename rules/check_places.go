package rules

import (
	"fmt"
	"slices"
	"strings"
)

func municipalityKinds() []string {
	return []string{"городской округ", "муниципальный район", "муниципальный округ",
		"городской округ с внутригородским делением", "внутригородской район", "внутригородское муниципальное образование"}
}

func settlementTypes() []string {
	return []string{"город", "г", "рп", "пгт", "дп", "кп", "гп", "село", "с", "деревня", "д", "посёлок", "поселок", "пос", "п", "хутор", "х",
		"станица", "ст-ца", "станция", "ст", "разъезд", "рзд", "аул", "аал", "улус", "местечко", "м", "слобода", "сл", "заимка", "кордон",
		"починок", "выселок", "мкр", "снт", "тер", "нп"}
}

// places checks what municipalities are called: a form of two of them would
// place a post in whichever stands first.
func (c *checker) places() {
	g := &c.p.Gazetteer
	settled := map[string]bool{}
	for i := range g.Settlements {
		settled[g.Settlements[i].Name] = true
	}
	owner := map[string]string{}
	for i := range g.Municipalities {
		m := &g.Municipalities[i]
		at := Pos{m.File, m.Line}
		if m.Name == "" {
			c.fault(at, CodeEmpty, fmt.Sprintf("у муниципального образования «%s» нет названия", m.ID), "впишите name")
		}
		if !slices.Contains(municipalityKinds(), m.Kind) {
			c.fault(at, CodeBadValue, fmt.Sprintf("вид муниципального образования «%s»: «%s»", m.ID, m.Kind),
				"допустимы: "+strings.Join(municipalityKinds(), ", "))
		}
		if !settled[m.Center] {
			c.fault(at, CodeSettlementUnknown, fmt.Sprintf("центр «%s»: населённого пункта «%s» нет", m.ID, m.Center),
				"исправьте center или впишите населённый пункт в settlements")
		}
		c.people(at, m.ID, m.Pop)
		c.forms(at, m.ID, m.Forms)
		c.districts(at, m)
		for _, form := range append([]string{m.Name}, m.Forms...) {
			key := foldName(form)
			if other := owner[key]; key != "" && other != "" && other != m.ID {
				c.fault(at, CodeDuplicateID, fmt.Sprintf("название «%s» и у «%s», и у «%s»", form, other, m.ID),
					"оставьте его у одного: по названию сообщение относят к месту")
			} else {
				owner[key] = m.ID
			}
		}
	}
}

func (c *checker) districts(at Pos, m *Municipality) {
	for _, d := range m.Districts {
		if strings.TrimSpace(d.Name) == "" {
			c.fault(at, CodeEmpty, fmt.Sprintf("у района в «%s» нет названия", m.ID), "впишите name")
		}
		c.forms(at, d.Name, d.Forms)
	}
}

// settled checks settlements one by one and those of one name.
func (c *checker) settled() {
	named := map[string]*Settlement{}
	for i := range c.p.Gazetteer.Settlements {
		s := &c.p.Gazetteer.Settlements[i]
		at := Pos{s.File, s.Line}
		if !slices.Contains(settlementTypes(), s.Type) {
			c.fault(at, CodeBadValue, fmt.Sprintf("вид населённого пункта «%s»: «%s»", s.Name, s.Type),
				"допустимы: "+strings.Join(settlementTypes(), ", "))
		}
		c.people(at, s.Name, s.Pop)
		c.forms(at, s.Name, s.Forms)
		c.namesake(s, named)
	}
	for i := range c.p.Gazetteer.Streets {
		s := &c.p.Gazetteer.Streets[i]
		if strings.TrimSpace(s.Name) == "" {
			c.fault(Pos{s.File, s.Line}, CodeEmpty, "улица без названия", "впишите name")
		}
		c.forms(Pos{s.File, s.Line}, s.Name, s.Forms)
	}
}

// namesake: one place is written once, two of one name are marked.
func (c *checker) namesake(s *Settlement, named map[string]*Settlement) {
	key := foldName(s.Name)
	other := named[key]
	if other == nil || key == "" {
		named[key] = s
		return
	}
	at := Pos{s.File, s.Line}
	switch {
	case other.Municipality == s.Municipality && other.Type == s.Type:
		c.fault(at, CodeDuplicateID, fmt.Sprintf("населённый пункт «%s» уже есть (%s:%d)", s.Name, other.File, other.Line), "удалите повтор")
	case !other.Ambiguous || !s.Ambiguous:
		c.fault(at, CodeDuplicateID, fmt.Sprintf("населённый пункт «%s» уже есть в «%s» (%s:%d)", s.Name, other.Municipality, other.File, other.Line),
			"удалите лишний; если это тёзки, пометьте оба ambiguous: true")
	}
}

func (c *checker) people(at Pos, name string, n int) {
	if n < 0 {
		c.fault(at, CodeBadValue, fmt.Sprintf("население «%s»: %d", name, n), "впишите число жителей; 0 или ничего — если оно неизвестно")
	}
}

func (c *checker) forms(at Pos, name string, forms []string) {
	for _, f := range forms {
		if strings.TrimSpace(f) == "" {
			c.fault(at, CodeEmpty, fmt.Sprintf("пустая форма названия «%s»", name), "впишите название или уберите пустую строку из forms")
		}
	}
}

// foldName is a name as it is compared: case and ё do not count.
func foldName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "ё", "е")
}
