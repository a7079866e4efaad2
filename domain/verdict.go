package domain

// Kind is what a post is to a control centre.
type Kind string

// Kinds of post, judged first.
const (
	Problem Kind = "problem"
	Thanks  Kind = "thanks"
	Other   Kind = "other" // news, reports, advertising, greetings, talk
	Own     Kind = "own"   // what our own accounts wrote, an answer that came back with polling
)

// Verdict is the machine's judgement of one post, with its reasons.
type Verdict struct {
	Kind   Kind
	Urgent bool // danger to life or health now
	// Row is the decree's own number; 0 means ordinary order (outside the list).
	Row         int
	Topic       string // id of the topic that decided ("roads.potholes"); "" when none
	Category    string // the decree's wording, or the topic's title in ordinary order
	Subcategory string
	Confidence  float64 // 0..1, of Row; of Kind where that is not a problem
	Margin      float64 // confidence above the second candidate
	Evidence    []Evidence
	// Alternatives: at most three, best first, the chosen one first.
	Alternatives []Alternative
	Place        Place
	Language     string // "ru", or the guess when it is not Russian
	PackHash     string
	Models       []string
	Reason       string // Russian, one line: why this row and not the next
	// Doubt says, in Russian, why a problem may be none after all, or thanks may be
	// meant in scorn; "" when it is put in words and nothing speaks against it.
	Doubt       string
	Fingerprint string // of the normalised text: equal for exact copies; "" when too short to tell
	Print       Print  // by which the same in other words is found; of a verdict read back it says nothing
	Event       string // id of what befalls the whole place («wind»), "" for none; not read back either
	Faults      []Fault
}

// Evidence is a span of the original text that spoke for (or against) the
// verdict. Start and End are rune offsets of the given text, half-open.
type Evidence struct {
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Text    string `json:"text"`
	Why     string `json:"why"` // "стр. 3 «ямы, выбоины»", "срочно: газ", "место"
	Against bool   `json:"against,omitempty"`
}

// WhyPlace is the Why of evidence that tells the place.
const WhyPlace = "место"

// Alternative is another row the post may belong to. Row 0 = ordinary order.
type Alternative struct {
	Row        int
	Topic      string
	Confidence float64
}

// PlaceSource says where a place comes from.
type PlaceSource string

// Sources of a place.
const (
	PlaceText PlaceSource = "text" // named in the post
	PlaceGeo  PlaceSource = "geo"  // a point given by the author
	PlaceHome PlaceSource = "home" // the source's home territory, for want of better
	PlaceNone PlaceSource = ""

	// PlaceElsewhere: another region or country is named as the place, which
	// Place.Elsewhere holds; the source's home says nothing then.
	PlaceElsewhere PlaceSource = "elsewhere"
)

// Place is where the problem is. Municipality is the gazetteer's id; the rest
// are canonical names («Карла Маркса улица», "12/3").
type Place struct {
	Municipality     string      `json:"municipality"`
	MunicipalityName string      `json:"municipality_name,omitempty"`
	Settlement       string      `json:"settlement"`
	District         string      `json:"district,omitempty"`
	Street           string      `json:"street"`
	House            string      `json:"house"`
	Crossing         string      `json:"crossing,omitempty"` // the street that Street meets there
	Source           PlaceSource `json:"source,omitempty"`
	Candidates       []string    `json:"candidates,omitempty"` // municipality ids when several are named or bear the name, the likeliest first
	Disputed         bool        `json:"disputed,omitempty"`   // which of the municipalities named is meant is not sure
	Elsewhere        string      `json:"elsewhere,omitempty"`  // «Новосибирск», with PlaceElsewhere alone
}

// Address is what a person may put right in a place.
type Address struct{ Municipality, Settlement, Street, House string }

// Address is the part of a place that people name.
func (p Place) Address() Address {
	return Address{Municipality: p.Municipality, Settlement: p.Settlement, Street: p.Street, House: p.House}
}

// With is the place at another address; what the machine said beside it
// (district, rivals) no longer holds. A crossing is still one where the street stayed.
func (p Place) With(a Address) Place {
	was := p.Address()
	if a == was {
		return p
	}
	put := Place{Municipality: a.Municipality, Settlement: a.Settlement, Street: a.Street, House: a.House, Source: PlaceText}
	if was.House = a.House; a == was {
		put.Crossing = p.Crossing
	}
	return put
}
