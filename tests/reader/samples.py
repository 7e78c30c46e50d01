"""Well-formed feeds, one of each kind, with parts that are easily misread."""

from __future__ import annotations

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>Caf\u00e9 &amp; Co</title><link>https://site.example/?a=1&amp;b=2</link>
<atom:link href="https://site.example/feed?a=1&amp;b=2" rel="self" type="application/rss+xml"/>
<item><title>Q&amp;A: 1 &lt; 2 &amp; 3 &gt; 2</title><link>https://site.example/?p=1&amp;lang=de</link>
 <guid isPermaLink="false">https://site.example/?a=1&amp;p=1</guid>
 <pubDate>Mon, 05 Jan 2026 11:00:00 +0100</pubDate>
 <description>&lt;p&gt;Tom &amp;amp; Jerry&amp;#8217;s &lt;a href="https://a.example/?x=1&amp;amp;y=2"&gt;page
 &lt;/a&gt;&lt;/p&gt;</description>
 <enclosure url="https://site.example/1.png?a=1&amp;b=2" type="image/png" length="1"/></item>
<item><title><![CDATA[AT&T <b>&amp;</b> Bob&#8217;s]]></title><link>https://site.example/&#63;p=2&#38;q</link>
 <guid>https://site.example/?p=2&#038;q</guid><dc:date>2026-01-04T10:00:00Z</dc:date>
 <content:encoded><![CDATA[<p>1 &lt; 2 & <em>x</em></p>]]></content:encoded>
 <media:thumbnail url="https://site.example/2.jpg?a=1&amp;b=2"/></item>
<item><title>&#39;Quoted&#39; &quot;twice&quot; &amp;quot;thrice&amp;quot; \u2014 \U0001f355</title>
 <description>Words &amp;nbsp; and &lt;br&gt; more &lt;script&gt;alert(1)&lt;/script&gt;</description></item>
</channel></rss>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://site.example/">
 <title>Old &amp; good</title><link>https://site.example/</link></channel>
<item rdf:about="https://site.example/?a=1&amp;p=1"><title>A &amp; B</title>
 <link>https://site.example/?a=1&amp;p=1</link> <dc:date>2026-01-05T10:00:00Z</dc:date></item>
<item rdf:about="https://site.example/?a=1&amp;p=2"><title>C</title><link>https://site.example/?a=1&amp;p=2</link></item>
</rdf:RDF>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en">
<title type="html">Zo\u00eb &amp;amp; &lt;em&gt;Bob&lt;/em&gt;</title><link href="https://site.example/?a=1&amp;b=2"/>
<entry><id>https://site.example/?a=1&amp;p=1</id>
 <title type="html">Bob&amp;#8217;s &lt;em&gt;AT&amp;amp;T&lt;/em&gt;</title>
 <link rel="alternate" href="https://site.example/?a=1&amp;p=1"/><updated>2026-01-05T10:00:00Z</updated>
 <summary type="text">1 &lt; 2 &amp; &lt;script&gt;alert(1)&lt;/script&gt;</summary></entry>
<entry><id>tag:site.example,2026:2&amp;3</id>
 <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Less: <em>&lt;</em> &amp;amp; more</div></title>
 <link href="https://site.example/2"/><published>2026-01-04T10:00:00Z</published>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Tom &amp; <b>Jerry</b><br/>line</p></div>
 </content></entry>
<entry><id>yt:video:abc</id><title>Plain &amp;amp; simple &lt;b&gt;</title><link href="https://site.example/3"/>
 <media:group><media:thumbnail url="https://site.example/abc.jpg"/>
 <media:description>Words &amp; &lt;more&gt;</media:description></media:group></entry>
</feed>"""

PREFIXED = """<?xml version="1.0"?>
<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>News</a:title>
<a:entry><a:id>1&amp;2</a:id><a:title>A &amp; B</a:title><a:link href="https://site.example/?a=1&amp;b=2"/></a:entry>
<a:entry><a:id>3</a:id><a:title>C</a:title><a:link href="https://site.example/3"/></a:entry></a:feed>"""

ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE rss [
<!ENTITY copy "(C)">
<!ENTITY acute "&#180;">
<!ENTITY site "https://site.example/">
]>
<rss version="2.0"><channel><title>News &copy; 2026</title>
<item><title>A &copy; B&acute;</title><guid isPermaLink="false">&site;1</guid></item>
<item><title>B</title><link>&site;2</link></item></channel></rss>"""

SAMPLES = {"rss": RSS, "rdf": RDF, "atom": ATOM, "prefixed": PREFIXED, "entities": ENTITIES}
