"""What everybody guesses first: words, names and runs that passwords are commonly made of.

Our own compilation, in English, Swedish and Serbian. With the rules of `passwords` (digits and
signs around a word, letters swapped for digits, words doubled, joined or reversed) a few hundred
words stand for many thousands of passwords.
"""

from typing import Final

_WORDS: Final = """
password passwords passwort passord losenord lösenord lozinka sifra šifra лозинка шифра parola
secret secrets hemligt hemlig tajna тајна geheim letmein letmeinnow welcome welcometo
valkommen välkommen
dobrodosli hello hellohello hej hejhej hejsan zdravo cao ciao bonjour login logmein signin access
admin administrator root user username guest test tester testing testtest demo default changeme
change temp temporary qwerty qwert qwertz azerty asdf asdfgh zxcvbn iloveyou ilove loveyou love
lover lovely loveme volimte volimteja jagalskardig alskar älskar alskling älskling ljubav srce
srecka
monkey dragon tiger lion eagle falcon hawk wolf bear panda puppy kitty kitten doggy dog cat horse
pony unicorn dolphin butterfly spider snake turtle rabbit bunny chicken duck hund katt hast häst
maca mačka pas konj vuk medved orao football fotboll fudbal soccer baseball basketball kosarka
hockey tennis golf rugby boxing fishing hunting running runner swimming cycling skiing ronaldo messi
zlatan beckham jordan liverpool arsenal chelsea barcelona realmadrid juventus milan zvezda partizan
hammarby djurgarden malmo aik batman superman spiderman ironman captain starwars startrek skywalker
matrix pokemon pikachu naruto sonic mario zelda minecraft fortnite roblox gandalf frodo hobbit
hogwarts harry potter harrypotter master killer hunter shadow ninja samurai warrior knight wizard
king queen prince princess princesa prinsessa princeza angel angels devil demon heaven hell jesus
christ god lord bless blessed faith hope peace trust freedom liberty sunshine sunflower rainbow
summer sommar leto winter vinter zima spring var prolece autumn fall host höst jesen january
february march april may june july august september october november december januari februari mars
maj juni juli augusti oktober monday tuesday wednesday thursday friday saturday sunday måndag fredag
lordag söndag ponedeljak petak subota nedelja morning evening night star stars moon sun sky ocean
river mountain flower rose daisy lily jasmine violet ginger pepper cookie cookies chocolate choklad
cokolada čokolada coffee kaffe kafa banana apple orange cherry peach strawberry jordgubbe jagoda
cheese pizza burger bacon butter sugar honey candy cupcake muffin food hearth kitchen mat hrana
computer internet google facebook youtube twitter instagram amazon microsoft windows apple android
samsung iphone nokia linux ubuntu server office work school money dollar euro bitcoin million
lottery lucky winner success baby babygirl babyboy girl girls boy boys mama mamma mom mommy papa
pappa dad daddy tata mother father sister brother family friend friends forever always together
michael jessica jennifer ashley amanda nicole michelle daniel andrew joshua matthew anthony robert
william thomas charlie george david james john joseph kevin justin brandon jason hannah samantha
elizabeth emma olivia sophia maria anna anders johan erik lars karl fredrik emil oscar oskar elsa
astrid ingrid sara sofia linda karin eva milos nikola marko jovan stefan luka petar ana jelena
milica marija ivana jovana dragan zoran goran srbija serbia beograd belgrade sverige svensk sweden
swedish stockholm goteborg göteborg america american england london paris berlin germany france
italia italy spain canada australia texas california newyork ferrari porsche mercedes bmw audi volvo
saab toyota honda yamaha harley mustang corvette cooper guitar music metallica nirvana slipknot abba
beatles elvis eminem rock rocknroll punk disco dance dancer whatever nothing something anything
please thankyou thanks tack hvala goodluck fuckyou fuckoff fuck bitch asshole shit sexy sex hottie
hot cool super awesome amazing great best perfect happy smile funny crazy magic mystery secretword
mypassword mypass pass passcode passphrase passwd passw pwd abc abcd abcdef aaa xyz one two three
four five six seven eight nine ten onetwothree ettetttva jedandvatri blink correcthorsebatterystaple
trustno trustnoone opensesame sesame abracadabra blah blahblah foobar foo bar ball red blue green
yellow purple pink black white silver gold golden diamond crystal phoenix thunder lightning storm
blizzard maverick ranger scooter hammer rocket bullet steel iron
"""

COMMONEST: Final[frozenset[str]] = frozenset(_WORDS.split())
"""Words of which passwords are commonly made, in lower case."""

KEYBOARD_ROWS: Final[tuple[str, ...]] = tuple(
    row + way
    for row, way in (
        (line * 2, line[::-1] * 2)
        for line in (
            "1234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm",
            "azertyuiop", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm",
            "1q2w3e4r5t6y7u8i9o0p", "qawsedrftgyhujikolp", "qwertyasdfghzxcvbn", "qweasdzxc",
            "123qweasdzxc", "zaq12wsxcde34rfv", "abcdefghijklmnopqrstuvwxyz",
            "љњертзуиоп", "асдфгхјкл",
        )
    )
)  # fmt: skip
"""Runs over the keyboard, forwards and backwards, each twice so that it wraps round."""
