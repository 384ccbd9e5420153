"""A grammar of short, friendly stories: somebody wants something, something is in the way, a try fails, a friend has an
idea, it works, and one thing is learned. Cause and effect hold: obstacle, try, idea, action and result belong together.

    python grammar.py [COUNT] [SEED]      prints stories

In the tables `|` separates wordings, `/` the two halves of what the friend says. Marks:
{S} the hero as subject (name or pronoun)   {s} she/he/I   {o} her/him/me   {p} her/his/my   {P} Her/His/My
{T} They/We: hero and friend   {t} they/we   {u} them/us   {our} their/our
All is told in the past, so the first person needs other pronouns and nothing else.
"""
import random
import sys

HEROES = {"Mei": ("panda", "she"), "Oskar": ("monkey", "he"), "Lila": ("fox", "she"), "Ben": ("bear", "he"),
          "Nia": ("rabbit", "she"), "Tavi": ("hedgehog", "he"), "Ruby": ("squirrel", "she")}
FRIENDS = {"Olive": ("owl", "she"), "Bruno": ("badger", "he"), "Hana": ("heron", "she"), "Pip": ("mouse", "he"),
           "Sol": ("tortoise", "he")}
PRONOUNS = {"she": ("she", "her", "her"), "he": ("he", "him", "his"), "I": ("I", "me", "my")}

# want | … ; why | … ; then two ways: lesson, obstacle, try, idea, action, result
SCENARIOS = [
    ("mend the broken cart|repair the old cart",
     "The cart carried apples to the market.|Without the cart, nobody could bring the apples to the market.",
     ("look", "But two pieces of wood were missing.|But two of its boards were gone.",
      "{S} tied a thin branch in their place, but it broke at once.|{S} used a piece of thin bark, but it snapped right away.",
      "The old fence has good boards/We can use two of them|Nobody needs the old fence/Let us take two boards from it",
      "{T} took two boards from the fence and nailed them to the cart.|Together {t} cut two boards from the fence and fitted them to the cart.",
      "By evening the cart was strong enough for a hundred apples.|The next day the cart rolled to the market, full of apples."),
     ("patience", "But one wheel would not turn.|But one wheel was stuck with mud and rust.",
      "{S} pushed with all {p} strength, and the cart did not move at all.|{S} kicked the wheel, but that only hurt {p} foot.",
      "A dry wheel needs oil/Let it soak for one night|Put some oil on it/Then we must wait until morning",
      "{T} rubbed oil on the wheel and left it alone until morning.|{T} gave the wheel some oil and let it rest for one night.",
      "In the morning the wheel turned without a sound.|When the sun came up, the wheel turned as if it were new.")),
    ("fly the red kite|get the red kite into the sky",
     "{S} had made it from paper and string.|It had been a gift, and it had never flown.",
     ("look", "But the kite fell down again and again.|But the kite always turned over and fell.",
      "{S} ran faster and faster, and the kite still fell.|{S} threw it high into the air, but it dropped like a stone.",
      "The kite has no tail/A tail will hold it steady|Your kite needs a tail/A long ribbon will do",
      "{T} tied a long ribbon to the kite and tried again.|{T} made a tail from a long blue ribbon.",
      "This time the kite climbed high above the trees.|The kite rose into the sky and stayed there, steady and proud."),
     ("patience", "But there was no wind that day.|But the air was still, and not one leaf moved.",
      "{S} ran across the field until {p} legs were tired.|{S} ran up and down the field, and the kite only followed along the ground.",
      "The wind will come in the evening/Let us wait on the hill|There is always wind on the hill/We can wait for it there",
      "{T} carried the kite up the hill and waited for the wind.|{T} sat on the hill and waited until the grass began to move.",
      "When the wind came, the kite flew over the whole valley.|Then the wind came, and the kite danced in the evening sky.")),
    ("grow a tall sunflower|grow a sunflower as tall as the house",
     "The garden looked empty without flowers.|{S} wanted the birds to have seeds in the winter.",
     ("patience", "But days went by, and nothing came out of the ground.|But for a whole week the ground stayed bare.",
      "{S} dug up the seed to look at it and put it back.|{S} gave it far too much water every day.",
      "A seed works where you cannot see it/Give it a little water and a little time|It is growing under the ground/Leave it in peace and wait",
      "{T} gave the seed a little water each morning and let it sleep.|From then on {t} watered it a little and did not dig again.",
      "One day a green leaf came up, and by summer the flower was taller than the door.|Soon a small green leaf looked out, and in summer the flower touched the roof."),
     ("look", "But the young plant grew thin and pale.|But the leaves turned yellow.",
      "{S} gave it more and more water, and it only grew weaker.|{S} moved the stones around it, but that did not help.",
      "It stands in the shade/Plants eat light, so let us move it|There is no sun in this corner/A plant needs light more than water",
      "{T} moved the plant to the sunny side of the house.|Carefully {t} carried the plant into the sun.",
      "In a few weeks it was strong, green and full of seeds.|Soon it stood straight and turned its yellow face to the sun.")),
    ("cross the little river|get to the other side of the river",
     "The best berries grew on the other side.|{P} cousin lived on the other side.",
     ("steps", "But the water was too wide to jump.|But the river was much too wide for one jump.",
      "{S} took a long run, jumped, and landed in the water.|{S} jumped as far as {s} could and got very wet.",
      "You do not need one big jump/Many small ones will do|Let us lay stones in the water/Then it is only many small steps",
      "{T} laid flat stones in the water, one after the other.|{T} carried stones to the river and made a path of them.",
      "Then {s} walked across, step by step, with dry feet.|Step by step {s} reached the other side."),
     ("share", "But the old bridge had fallen down.|But the storm had taken the bridge away.",
      "{S} tried to lift a long log alone, but it was too heavy.|{S} pulled at a log all morning, and it did not move.",
      "This log is heavy for one/It is light for two|You take that end/I will take this one",
      "{T} lifted the log together and laid it over the water.|Each of {u} took one end, and {t} put the log across the river.",
      "Before long there was a new bridge for everybody.|Before the evening everybody could cross the river again.")),
    ("bake a loaf of bread|bake bread for the whole family",
     "{P} grandmother was coming to visit.|There was going to be a feast in the evening.",
     ("patience", "But the dough stayed flat and hard.|But the dough did not rise at all.",
      "{S} put it in the hot oven at once, and it came out like a stone.|{S} hit the dough and pulled it, but it stayed small.",
      "Dough needs a warm place and an hour of rest/Do not hurry it|Cover it and let it rest/It will rise while we play",
      "{T} covered the dough with a cloth and let it rest near the fire.|{T} put the dough in a warm corner and waited for an hour.",
      "When {t} came back, it had grown to twice its size, and the bread was soft and golden.|The dough rose like a cloud, and soon the whole house smelled of bread."),
     ("look", "But the bread tasted very strange.|But the first loaf tasted of nothing.",
      "{S} baked a second loaf in the same way, and it was just as bad.|{S} put honey on top, but it did not help.",
      "Let us read the list again, line by line/I think you forgot the salt|Look at the list once more/Where is the salt",
      "{T} read the list again and added a little salt.|{T} started again, and this time {t} did not forget the salt.",
      "The new loaf was so good that nothing was left of it.|Everybody asked for a second piece.")),
    ("learn to swim|swim across the lake",
     "All {p} friends swam in the lake.|{S} dreamed of the little island in the lake.",
     ("practice", "But {s} sank every time {s} tried.|But after three strokes {s} always sank.",
      "{S} jumped into the deep water and had to be pulled out.|{S} moved {p} arms as fast as {s} could, and that made it worse.",
      "Begin where you can stand/Ten slow strokes each day are enough|Stay near the shore/Learn to float before you swim",
      "Every day {t} practised near the shore, ten slow strokes at a time.|{T} practised every morning, first floating, then ten slow strokes.",
      "By the end of summer {s} could swim to the island and back.|After some weeks {s} crossed the lake for the first time."),
     ("courage", "But {s} was afraid of the deep water.|But the dark water frightened {o}.",
      "{S} told everybody that {s} had a cold.|{S} stood at the shore for a long time and went home again.",
      "I was afraid too/Take my hand, and we will go in together|Being afraid is not a reason to stop/Let us start with our feet",
      "{T} went in slowly, first the feet, then the knees, then the rest.|Hand in hand {t} walked into the water, one step each day.",
      "Soon {s} forgot to be afraid and swam like a fish.|One day {s} noticed that {s} was swimming and smiling.")),
    ("play a song on the flute|play the spring song on the flute",
     "The spring party was only ten days away.|Everybody loved that song, but nobody could play it.",
     ("practice", "But {p} fingers were slow and often wrong.|But {p} fingers kept getting lost.",
      "{S} played the whole song as fast as {s} could, and it sounded terrible.|{S} played it from start to end, and made the same mistake each time.",
      "Play only one line today/Play it slowly until it is easy|Forget the whole song for now/Take one line and play it slowly",
      "Every evening {t} practised one line, slowly at first.|{T} took one line a day and played it until it was easy.",
      "On the day of the party every note was right, and all the guests sang along.|Ten days later {s} played the whole song without one mistake."),
     ("look", "But no sound came out of it.|But the flute only made a sad little wind.",
      "{S} blew so hard that {p} face turned red.|{S} shook the flute and blew until {s} was tired.",
      "Let me look inside/I think there is something in it|A flute should not be so quiet/Hold it up to the light",
      "{T} looked inside and found a small ball of grass.|{T} held it up to the light and pulled out an old leaf.",
      "After that the flute sang as clearly as a bird.|Then it played the sweetest notes in the whole forest.")),
    ("build a small boat|build a boat for the lake",
     "{S} wanted to see the island.|{S} had always wanted to sail.",
     ("mistake", "But the boat was full of water in a minute.|But the water came in everywhere.",
      "{S} threw the water out with a cup, but it came back faster.|{S} put a leaf on the hole, and the leaf swam away.",
      "Now we know where the holes are/We can close them with warm wax|Good, the water shows us each hole/Wax will keep it out",
      "{T} marked each hole and closed it with warm wax.|{T} let the boat dry and filled each hole with wax.",
      "The next time the boat stayed dry all the way to the island.|After that the boat floated like a duck."),
     ("mistake", "But the boat turned over as soon as {s} sat down.|But the boat rolled over at once.",
      "{S} sat down very carefully, and still fell into the lake.|{S} tried it three times and got wet three times.",
      "It is too narrow/Let us tie a log to each side|Now we know that it is too narrow/Two logs will hold it up",
      "{T} tied a long log to each side of the boat.|{T} found two dry logs and tied them to the boat.",
      "After that nothing could turn it over, not even a dance.|Then {t} sailed around the lake and stayed quite dry.")),
    ("light the dark path|make the path to the village bright",
     "Many friends had fallen there at night.|The little ones were afraid to walk there in the dark.",
     ("steps", "But the path was long, and there was only one lamp.|But one lamp was not enough for such a long path.",
      "{S} put the lamp on a tall tree, and most of the path stayed dark.|{S} ran along the path with the lamp, but that helped nobody else.",
      "We can make one small lamp each day/In a month the path will be bright|Do not think of the whole path/Let us make one lamp today",
      "Each day {t} made one small lamp from an old jar.|{T} made one lamp every evening and hung it on a tree.",
      "After one month the whole path was shining.|In the end there was a light at every tree."),
     ("look", "But the wind blew out every candle.|But no candle burned for long in the wind.",
      "{S} lit the candles again and again until there were no more matches.|{S} stood in front of the candle, but the wind came from all sides.",
      "A jar would keep the wind out/We have many empty jars at home|Put the candle into a glass/The wind cannot come in there",
      "{T} put each candle into an empty jar.|{T} washed some old jars and put a candle into each.",
      "That night the lights burned until morning.|From that night on everybody found the way home.")),
    ("write a letter to {p} grandmother|write a long letter to {p} grandmother",
     "She was waiting for news.|She lived far away and loved to get letters.",
     ("steps", "But the paper stayed empty.|But {s} did not know how to begin.",
      "{S} wrote one word and crossed it out ten times.|{S} looked at the paper until it was dark.",
      "Tell her one small thing that you saw today/The rest will follow|Do not write a letter/Write one line about this morning",
      "{S} wrote one line about the rain, then one about the soup.|{S} began with the frog at the door, and one line brought the next.",
      "Soon four pages were full, and grandmother read them many times.|Before supper the letter was long, and it was a happy one."),
     ("practice", "But nobody could read {p} letters.|But {p} letters looked like a heap of sticks.",
      "{S} wrote bigger, and then nobody could read the big ones either.|{S} pressed so hard that the pencil broke.",
      "Draw only the letter A today/Tomorrow we take the next one|One good letter each day is enough/Hold the pencil lightly",
      "{T} practised one letter a day, from the first to the last.|Every evening {t} drew one letter until it looked right.",
      "After a month grandmother could read every word.|By spring {p} lines were straight and easy to read.")),
    ("climb the high hill|see the sun come up from the high hill",
     "People said that you could see the sea from there.|Nobody in the family had ever been up there.",
     ("steps", "But the way was long and very steep.|But the top looked so far away.",
      "{S} ran as fast as {s} could and had to stop after a minute.|{S} ran the first part and then lay in the grass, too tired to go on.",
      "Do not look at the top/Only look at the next tree|We walk to that stone and rest/Then we walk to the next one",
      "{T} walked from tree to tree and rested at each one.|{T} went slowly, from one stone to the next.",
      "Suddenly there was no more hill above {u}, and far away the sea was shining.|When the sun came up, {t} stood on the top and saw the sea."),
     ("help", "But there was fog, and {s} lost the path.|But the path was hidden in the fog.",
      "{S} walked in a circle and came back to the same stone.|{S} walked on alone and was soon back where {s} had started.",
      "I know the sound of the stream/It comes down from the top, so we follow it|Listen to the water/The stream will show us the way up",
      "{T} followed the sound of the stream, up and up.|{T} walked beside the stream until the fog lay below {u}.",
      "On the top the sky was clear, and {t} could see the sea.|Above the fog the sun was waiting for {u}.")),
    ("find the lost key|find the key to the garden door",
     "Without it the door stayed closed, and the plants were thirsty.|All the tools were behind that door.",
     ("look", "But it was not in any pocket.|But the key was nowhere in the house.",
      "{S} ran through the house and looked everywhere at once.|{S} turned the whole room over and made a big mess.",
      "Stop running and think/Where did you have it last|Sit down and close your eyes/What did you do this morning",
      "{T} walked back along the way of that morning, slowly, with open eyes.|{T} went through the morning again, one thing after the other.",
      "The key was lying under the bread basket, where {s} had eaten breakfast.|There it was, in the boot by the door."),
     ("share", "But the grass was tall, and the key was small.|But {s} had dropped it in the tall grass.",
      "{S} looked in the grass for an hour and found only a button.|{S} searched alone until {p} back hurt.",
      "You search this half/I will search the other one|Two see more than one/We can each take one side",
      "{T} drew a line through the grass, and each of {u} searched one side.|Each of {u} took one half of the grass.",
      "Soon something was shining between the flowers, and it was the key.|In a few minutes {t} had the key and opened the door.")),
    ("build a house for the birds|make a house for the small birds",
     "The winter was going to be cold.|The birds had nowhere to go when it rained.",
     ("look", "But the walls did not fit together.|But one wall was longer than the other.",
      "{S} pressed the walls together until one of them cracked.|{S} used more and more nails, and it still would not stand.",
      "Let us measure before we cut/Then each board will fit|Two lines with a pencil save ten nails/Let us measure first",
      "{T} measured each board twice and cut it once.|{T} drew a line on each board before {t} cut it.",
      "This time all the walls met, and two birds moved in the same day.|Soon the house stood straight, and the birds sang in it."),
     ("help", "But no bird wanted to live in it.|But the house stayed empty for weeks.",
      "{S} painted it red and put a flag on it, and no bird came.|{S} called the birds from morning to evening, but they stayed away.",
      "Have you asked a bird/I am sure the door is too big|I would not live there either/The cat could come in, so make the door smaller",
      "{T} made the door smaller and hung the house higher.|{T} closed half of the door and hung it high in the tree.",
      "The next morning a small blue bird looked out of it.|In spring there were five young birds in it.")),
    ("paint a picture of the sea|paint the sea",
     "The school wall was grey and empty.|{P} friend was ill and missed the sea very much.",
     ("mistake", "But a big blue drop fell in the middle of it.|But {s} made a dark mark right in the middle.",
      "{S} rubbed it hard, and it only grew bigger.|{S} put white on it, and then it looked even worse.",
      "I see a bird in it/Give it two wings|That is not a mark/That is a ship that has no sail yet",
      "With three lines {t} turned it into something new.|{T} looked at it for a while and added a few lines.",
      "Now everybody says that this is the best part of the picture.|In the end it looked as if it had always been the plan."),
     ("practice", "But {p} waves looked like a row of teeth.|But the water looked like an old blue cloth.",
      "{S} threw away one paper after another.|{S} bought a better brush, and nothing changed.",
      "Let us go and look at real waves/Draw one wave each day|You paint what you remember/First look at the water for a while",
      "Every day {t} sat at the shore and drew one wave.|For a week {t} only looked at the water and drew small waves.",
      "After that the painted sea almost moved.|Then the picture was so good that people could nearly hear it.")),
    ("cook a big soup|make soup for the whole village",
     "It had been a cold and hungry week.|Everybody had worked hard to bring in the corn.",
     ("share", "But there was only one carrot in the kitchen.|But {p} kitchen was almost empty.",
      "{S} cut the carrot into tiny pieces, but the soup was only warm water.|{S} boiled water with one carrot, and it tasted of nothing.",
      "I have two onions at home/Let us ask everybody for one small thing|One carrot is a good start/Everybody can bring something",
      "{T} went from door to door, and everybody gave one small thing.|{T} asked each house for one potato, one onion or one bean.",
      "In the evening the pot was full, and nobody went home hungry.|The soup was enough for all, and there was some left for breakfast."),
     ("mistake", "But the soup was much too salty.|But too much salt had fallen into the pot.",
      "{S} put sugar into it, and that was terrible.|{S} tried to take the salt out with a spoon.",
      "That is half of a bigger soup/Add water and potatoes|Now we only need more of everything else/Get potatoes and water",
      "{T} took a bigger pot and added water and potatoes.|{T} cut ten potatoes and gave the soup more water.",
      "Now it tasted right, and there was twice as much of it.|In the end there was soup for the whole village and for the next one too.")),
    ("weave a warm blanket|weave a blanket on the old loom",
     "The nights were getting cold.|A new baby had been born next door.",
     ("look", "But the cloth had a hole in every row.|But the threads fell apart when {s} lifted them.",
      "{S} pulled the threads tight, and the holes only grew.|{S} began again, and it went wrong in the same place.",
      "One thread runs the wrong way/It should go across the others|Look, this thread lies along the others/Turn it so that it crosses them",
      "{T} turned the one thread that was wrong and wove on.|{T} found the thread that ran the wrong way and turned it.",
      "After that every row held the next, and the blanket was soft and strong.|One small turn, and the whole cloth held together."),
     ("steps", "But it was so slow that {s} could not see the end.|But after a whole day the blanket was as small as a leaf.",
      "{S} worked all night and fell asleep on the loom.|{S} worked too fast and had to take half of it out again.",
      "Weave ten rows a day and then stop/Ten rows are not hard|Do not count what is missing/Count the rows that you have",
      "Every evening {t} wove ten rows and told each other stories.|From then on {t} wove ten rows a day and were never tired.",
      "By the first snow the blanket covered the whole bed.|Before the winter it was done, and it was warm.")),
    ("repair the old clock|make the village clock go again",
     "Since it had stopped, everybody came late.|Nobody in the village knew when to have lunch.",
     ("look", "But one small wheel was gone.|But inside there was an empty place where a wheel should be.",
      "{S} put a button there, and the clock ran backwards.|{S} shook the clock, and it said nothing.",
      "A lost wheel cannot go far/Let us look below the clock|It must have fallen out/Bring the lamp and look at the floor",
      "{T} looked at the floor with a lamp, one board after the other.|{T} lay on the floor and looked under everything.",
      "The wheel was in a mouse hole, and soon the clock was ticking again.|Under the stairs {t} found it, and at noon the clock struck twelve."),
     ("mistake", "But after the work there were three parts left over.|But when {s} had closed it, one part was still on the table.",
      "{S} pushed the parts in somewhere, and the clock made a bad noise.|{S} closed the clock anyway, and it stopped after a minute.",
      "Let us take it apart again/This time we draw each step|It is good to know what went wrong/Draw a picture before you take out a part",
      "{T} took it apart again and made a drawing of each step.|{T} opened it once more and wrote down where each part belonged.",
      "When nothing was left over, the clock began to tick.|At the end the table was empty, and the clock was full of life.")),
    ("read the long book|read the thick book about the stars",
     "{P} grandfather had read it three times.|There were answers in it to many of {p} questions.",
     ("steps", "But it had five hundred pages.|But it was the longest book in the house.",
      "{S} tried to read it in one night and fell asleep on page nine.|{S} looked at the last page first and understood nothing.",
      "Five pages a day are enough/In a hundred days you will be done|Read five pages each evening/Books are patient",
      "Every evening {t} sat by the fire and read five pages.|{T} read five pages a day, never more.",
      "One hundred days later {t} closed the book and were almost sad.|In spring {t} came to the last page and started again."),
     ("ask", "But there were many hard words in it.|But {s} did not understand half of the words.",
      "{S} left out all the hard words, and nothing made sense.|{S} read each page three times, and the words stayed hard.",
      "Ask me whenever you find a hard word/I like to be asked|Let us keep a list of the hard words/You can ask me each evening",
      "{S} made a list of the hard words, and each evening {t} talked about it.|Each evening {s} asked about every word on {p} list.",
      "Soon the list grew shorter, and then there was no list at all.|By the end {s} could explain the book to everybody else.")),
    ("run the long race|run all the way around the lake",
     "The prize was a big basket of pears.|{S} had watched the race every year and had never taken part.",
     ("practice", "But {s} was out of breath after a minute.|But after one minute {s} could not breathe.",
      "{S} started like the wind and had to lie down at the first corner.|{S} ran until {s} felt ill.",
      "Run slowly, but run each day/Every week go one tree further|Begin with the first tree/Next week run to the second one",
      "{T} ran every morning, and each week {t} went one tree further.|Every morning {t} ran slowly, a little further each week.",
      "On the day of the race {s} ran all the way and still had breath to laugh.|In autumn {s} ran around the whole lake and did not stop once."),
     ("courage", "But everybody else was faster.|But {s} was the slowest of all.",
      "{S} hid behind a tree so that nobody could see {o} run.|{S} wanted to stay at home and never run again.",
      "You do not have to be the first/You only have to be a little better than yesterday|Do not look at the others/Look at how you ran last week",
      "{T} made a mark on a stone for each day, and the marks grew.|{T} counted {p} steps each day and only looked at that number.",
      "{S} came in last, with a big smile, and everybody cheered.|{S} was not the first, but {s} had never been so fast.")),
    ("bring water to the garden|bring water from the well to the garden",
     "It had not rained for weeks, and the beans were thirsty.|The beans were dry and needed water.",
     ("look", "But the bucket was empty before {s} got there.|But on the way all the water ran out of the bucket.",
      "{S} ran faster, and the bucket was still empty.|{S} filled it more, and the path got wet and not the beans.",
      "There is a small hole in the bucket/A bit of wax will close it|Look at the wet line behind you/The bucket has a hole",
      "{T} closed the hole with wax and filled the bucket again.|{T} found the hole and put some wax on it.",
      "This time every drop reached the beans.|After three buckets the beans lifted their heads."),
     ("share", "But the well was far away, and the bucket was heavy.|But the way was long, and the full bucket was too heavy.",
      "{S} carried it ten steps and had to put it down.|{S} pulled the bucket over the ground, and half of the water was lost.",
      "Let us stand in a row/Each one carries it only a little way|Call the others/We pass the bucket from hand to hand",
      "{T} called {our} friends and passed the bucket from hand to hand.|Everybody stood in a long row, and the bucket went from one to the next.",
      "In an hour the whole garden was wet and green.|Nobody was tired, and every bean had enough to drink.")),
    ("draw a map of the forest|make a map of the whole forest",
     "New friends always got lost there.|Nobody knew how many paths there were.",
     ("ask", "But {s} knew only the paths near {p} house.|But most of the forest was new to {o}.",
      "{S} drew what {s} did not know, and the map was wrong.|{S} drew a few paths from {p} dreams, and nobody found them.",
      "I know the north, and the deer know the south/We only have to ask|Everybody knows a small part/Let us ask them all",
      "{T} asked everybody in the forest and drew one path after the other.|{T} went from tree to tree and asked about every path.",
      "When the map was done, nobody ever got lost again.|In the end every path had its place on the map."),
     ("mistake", "But the rain washed the map away.|But {s} spilled tea on it, and the lines were gone.",
      "{S} tried to dry it, and it fell into pieces.|{S} tried to draw the same lines again from memory, and they did not meet.",
      "The second one will be better/You have learned where everything is|Now you know what to do better/Let us walk the paths once more",
      "{T} walked the paths once more and drew each one on strong bark.|{T} began again, and this time each line was right from the start.",
      "The new map was better than the old one had ever been.|The second map had two paths that the first one had missed.")),
    ("teach the little ones to count|teach the young frogs to count to ten",
     "They always forgot somebody on the way home.|They could not share their berries fairly.",
     ("patience", "But they forgot every number at once.|But after three they always said nine.",
      "{S} said the numbers louder and louder, and the little ones cried.|{S} told them the numbers a hundred times, and they fell asleep.",
      "Make a game of it/Let them jump once for every number|Little ones learn with their feet/Count while they jump",
      "{T} counted while {t} jumped from stone to stone.|{T} made a game, one jump for every number.",
      "After a week even the smallest one jumped to ten.|Soon all of them could count, and nobody was forgotten any more."),
     ("help", "But every one of them wanted to talk first.|But all of them shouted at the same time.",
      "{S} shouted too, and it only got louder.|{S} put {p} hands over {p} ears and waited, but it did not stop.",
      "Give them a stone/Only the one who holds it may talk|Let them sit in a circle/The one who has the stone may talk",
      "{T} sat in a circle and passed a white stone around.|{T} found a round stone, and whoever had it said the next number.",
      "It went around the circle without a mistake, from one to ten.|Then it was quiet, and each of them said a number at the right time.")),
]

LESSONS = {
    "look": "it helps to look closely before you try harder|one small thing can cause a lot of trouble|"
            "looking carefully is better than pushing hard",
    "patience": "good things need time|some work is done by waiting|nobody can hurry what has to grow",
    "steps": "a long way is made of small steps|big things are only many small things|"
             "you can go far if you take one step at a time",
    "share": "work is lighter when you share it|many hands make a heavy thing light|together we can do what nobody can do alone",
    "practice": "what is hard today can be easy tomorrow|a little practice every day is stronger than a big wish|"
                "slow practice makes you fast",
    "courage": "brave people are afraid too, and they go on|you only have to be better than yesterday|"
               "being brave begins with one small step",
    "mistake": "a mistake is a good teacher|a mistake shows you where to look|something that goes wrong can still end well",
    "help": "a friend can see what you have missed|two heads find more than one|good advice is worth more than strong arms",
    "ask": "it is clever to ask|a question opens many doors|nobody knows everything, but everybody knows something",
}

MAXIMS = ("forward, and nothing you learn is ever lost|forward, even when you cannot see it yet|a little closer to what you love|"
          "one step further than yesterday|forward, even the ones that fail|a little further, and small steps add up|"
          "forward, so do not be afraid to begin|closer to the day when it is easy").split("|")
MORE = ("Even a slow river reaches the sea.|Nobody is born knowing how.|A tall tree was once a small seed.|"
        "You may fall ten times and stand up eleven times.|What you do today makes tomorrow easier.|"
        "A good day is one in which you tried.").split("|")
MOODS = ("curious|cheerful|quiet|clever|kind|young").split("|")
PLACES = ("at the edge of the forest|near the old mill|in a small village|on a green hill|by the lake|in a house with a blue door").split("|")
TIMES = ("One bright morning|Early one morning|One quiet afternoon|On a Monday morning|One day after breakfast|Last year|"
         "Not long ago|One fine day|On the first day of the holidays|A long time ago").split("|")
FEELINGS = ("{S} was sad, but {s} did not give up.|{S} sat down and thought about it.|{S} almost gave up.|"
            "{S} was close to tears.|{S} did not know what to do next.").split("|")
CLOSINGS = ("{T} laughed all the way home.|Then {t} went home and had tea with honey.|That evening {t} sat by the fire and sang.|"
            "And {t} are still good friends today.|{T} were happy and a little proud.|The next day {t} began something new.").split("|")


class Story:
    def __init__(self, rng):
        self.rng, self.first = rng, False
        self.hero, self.friend = rng.choice(list(HEROES)), rng.choice(list(FRIENDS))
        self.species, self.she = HEROES[self.hero]
        want, why, *ways = rng.choice(SCENARIOS)
        self.want, self.why = self.one(want), self.one(why)
        lesson, *parts = rng.choice(ways)
        self.obstacle, self.tried, self.idea, self.action, self.result = map(self.one, parts)
        self.lesson = self.one(LESSONS[lesson])

    def one(self, wordings):
        return self.rng.choice(wordings.split("|"))

    def maybe(self, chance):
        return self.rng.random() < chance

    def words(self, text):
        """Marks filled in. The hero is named now and then, so that the name is never far away."""
        subject, obj, possessive = PRONOUNS["I" if self.first else self.she]
        they, them, their = ("we", "us", "our") if self.first else ("they", "them", "their")
        name = subject if self.first or self.maybe(0.5) else self.hero
        for mark, word in (("{S}", name[0].upper() + name[1:]), ("{s}", subject), ("{o}", obj), ("{p}", possessive),
                           ("{P}", possessive.capitalize()), ("{T}", they.capitalize()), ("{t}", they), ("{u}", them), ("{our}", their)):
            text = text.replace(mark, word)
        return text

    def a(self, word):
        return ("an " if word[0] in "aeiou" else "a ") + word

    def named(self):
        return f"{self.hero} the {self.species}"

    def opening(self):
        """Who, where, when, and what was wanted. The four kinds of story differ here."""
        kind = self.rng.choices(("once", "every", "hello", "other"), (28, 24, 18, 30))[0]
        subject = self.she.capitalize()
        if kind == "once":
            mood, place = self.rng.choice(MOODS), self.rng.choice(PLACES)
            yield self.rng.choice((f"Once upon a time, {self.a(mood)} {self.species} called {self.hero} lived {place}.",
                                   f"Once upon a time, there was {self.a(mood)} {self.species} who lived {place}. {'Her' if self.she == 'she' else 'His'} name was {self.hero}.",
                                   f"Once upon a time, {self.named()} lived {place}."))
            yield self.rng.choice((f"One day {self.hero} wanted to {{want}}.", f"{subject} wanted to {{want}}.", f"More than anything, {self.hero} wanted to {{want}}."))
        elif kind == "every":
            yield f"Every effort moves you {self.rng.choice(MAXIMS)}."
            if self.maybe(0.5):
                yield self.rng.choice(MORE)
            time = self.rng.choice(TIMES)
            yield self.rng.choice((f"This is what {self.named()} learned {time[0].lower() + time[1:]}.",
                                   f"{self.named()} found this out {time[0].lower() + time[1:]}.",
                                   f"{self.named()} knows it well."))
            yield f"{subject} wanted to {{want}}."
        elif kind == "hello":
            self.first = True
            place = self.rng.choice(PLACES)
            yield self.rng.choice((f"Hello, I am {self.named()}, and I live {place}.", f"Hello, I am {self.named()}.",
                                   f"Hello, I am {self.named()}, and this is my story."))
            yield self.rng.choice((f"{self.rng.choice(TIMES)} I wanted to {{want}}.", "I wanted to {want}."))
        else:
            time = self.rng.choice(TIMES)
            yield self.rng.choice((f"{time}, {self.named()} wanted to {{want}}.", f"{time}, {self.named()} had a plan. {subject} wanted to {{want}}.",
                                   f"{self.named()} woke up with a plan. {subject} wanted to {{want}}.",
                                   f"There was once {self.a(self.species)} called {self.hero} who wanted to {{want}}.",
                                   f"Do you know {self.named()}? {time} {self.she} wanted to {{want}}."))

    def advice(self):
        """The friend comes by and says what to do."""
        owner = f"{self.friend} the {FRIENDS[self.friend][0]}"
        yield self.words(self.rng.choice((f"Then {owner} came by.", f"{owner} saw it and came closer.", f"So {{s}} asked {owner} for help.",
                                          f"At last {{s}} told {owner} about it.")))
        one, two = self.idea.split("/")
        ask = lambda s: s.startswith(("Where ", "What ", "Have you "))  # noqa: E731
        end_one, end_two = "?" if ask(one) else ".", "?" if ask(two) else "."
        yield self.rng.choice((f'"{one}{"?" if ask(one) else ","}" said {self.friend}. "{two}{end_two}"',
                               f'{self.friend} said, "{one}{end_one} {two}{end_two}"',
                               f'{self.friend} thought for a while. "{one}{end_one} {two}{end_two}"'))

    def ending(self):
        learner = "I" if self.first else self.hero
        yield self.rng.choice((f"That day {learner} learned that {self.lesson}.", f"And that is how {learner} learned that {self.lesson}.",
                               f"Now {learner} {'know' if self.first else 'knows'} that {self.lesson}."))

    def text(self):
        out = [s.replace("{want}", self.words(self.want)) for s in self.opening()]
        if self.maybe(0.75):
            out.append(self.words(self.why))
        out += [self.words(self.obstacle), self.words(self.tried)]
        if self.maybe(0.4):
            out.append(self.words(self.rng.choice(FEELINGS)))
        out += self.advice()
        out += [self.words(self.action), self.words(self.result)]
        if self.maybe(0.3):
            out.append(self.words(self.rng.choice(CLOSINGS)))
        out += self.ending()
        return " ".join(out)


def story(rng):
    return Story(rng).text()


if __name__ == "__main__":
    count, seed = (int(x) for x in (sys.argv[1:] + ["10", "1"][len(sys.argv) - 1:]))
    rng = random.Random(seed)
    for _ in range(count):
        print(story(rng), end="\n\n")
