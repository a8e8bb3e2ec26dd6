// SPDX-License-Identifier: BSL-1.0
//
// A knowledge base in one file: texts under keys, a catalogue in SQL, their vectors in a collection, and a queue of
// what is still to be embedded. A document, its row and its task are committed together, and so are its vector and the
// end of the task.

#include <weft/embedded.hpp>
#include <weft/embedded/collection.hpp>
#include <weft/embedded/semantic_cache.hpp>
#include <weft/format/tuples.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace weft::embedded;

namespace {

constexpr std::size_t dimension = 256;

/// Stands for a model: each word adds one to a place of its own. Texts that share words are similar.
std::vector<float> embed(std::string_view text) {
    std::vector<float> vector(dimension);
    std::uint32_t word = 2166136261U;
    for (const char c : std::string(text) + ' ') {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter) {
            word = (word ^ static_cast<unsigned char>(c | 0x20)) * 16777619U;
        } else if (word != 2166136261U) {
            vector[word % dimension] += 1;
            word = 2166136261U;
        }
    }
    return vector;
}

class knowledge_base {
public:
    explicit knowledge_base(kv_database& db)
        : db_(db),
          passages_(get_or_create_collection(db, "passages", {.dimension = dimension, .enable_hybrid_search = true})) {
        db_.execute("CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, title TEXT NOT NULL, lang TEXT)");
    }

    /// The text, its row and the task to embed it, or nothing of it.
    void add(const std::string& id, const std::string& title, const std::string& lang, const std::string& text) {
        db_.with_transaction([&](kv_transaction& t) {
            t.put_path({"texts", id}, text);
            t.execute("INSERT INTO documents VALUES (?, ?, ?)", id, title, lang);
            priority_queue(t, "embed").enqueue(id, {.priority = lang == "en" ? 0 : 1});
        });
    }

    /// Embeds what waits; any number of threads and processes may.
    int work() {
        const priority_queue tasks(db_, "embed", {.visibility = std::chrono::minutes(5)});
        int done = 0;
        while (const auto task = tasks.dequeue()) {
            const std::string& id = task->payload;
            const std::string text = db_.get_path({"texts", id}).value();
            const std::vector<float> vector = embed(text); // which takes its time, outside of any transaction
            db_.with_transaction([&](kv_transaction& t) {
                const auto lang = t.query_value<std::string>("SELECT lang FROM documents WHERE id = ?", id);
                collection(t, passages_.name()).upsert(id, vector, {{"lang", lang}}, text);
                priority_queue(t, "embed").ack(*task);
            });
            std::printf("embedded %s\n", id.c_str());
            ++done;
        }
        return done;
    }

    /// What is most like the question, in one language.
    void ask(const std::string& question, const std::string& lang) {
        std::printf("%s\n", question.c_str());
        const collection_search how{.k = 2, .filter = {{"lang", lang}}, .min_score = 0.5};
        for (const collection_hit& hit : passages_.search(embed(question), how)) {
            const auto title = db_.query_value<std::string>("SELECT title FROM documents WHERE id = ?", hit.id);
            std::printf("  %.2f %s: %s\n", hit.score, title.c_str(), hit.content.c_str());
        }
    }

    const collection& passages() const { return passages_; }

private:
    kv_database& db_;
    collection passages_;
};

} // namespace

int main() {
    const weft::testing::temporary_directory directory;
    auto db = kv_database::open(directory / "knowledge.db", {.sync_mode = sync_mode::off});
    knowledge_base base(db);
    base.add("wal", "Write-ahead log", "en", "The log is synced before a transaction commits to the disk.");
    base.add("hnsw", "Nearest neighbours", "en", "A graph of vectors leads a search to the nearest vectors.");
    base.add("seiten", "Seiten", "de", "Eine Seite der Datei ist im Speicher, bis sie geschrieben ist.");
    try {
        base.add("wal", "Twice", "en", "This text is not kept.");
    } catch (const weft::integrity_error&) {
        std::printf("refused, and nothing of it is there: %d texts, %d tasks\n",
                    static_cast<int>(db.scan_prefix("texts/").collect().size()),
                    static_cast<int>(priority_queue(db, "embed").stats().ready));
    }
    std::printf("%d documents embedded\n", base.work());

    base.ask("When does a transaction commit to the disk?", "en");
    base.ask("How does a search find the nearest vectors?", "en");
    base.ask("Ist die Datei im Speicher?", "de");

    for (const collection_hit& hit : base.passages().hybrid_search(embed("nearest vectors"), "graph", {.k = 1}))
        std::printf("by words and vectors: %s\n", hit.id.c_str());

    const semantic_cache answers(db, "answers", {.threshold = 0.9, .ttl = std::chrono::hours(1)});
    answers.put("When does a transaction commit?", embed("When does a transaction commit?"), "When its log is synced.");
    const char* questions[] = {"Does a transaction commit, and when?", "What is a graph?"};
    for (const char* question : questions) {
        const auto hit = answers.get(embed(question));
        std::printf("%s %s\n", question, hit ? hit->value.c_str() : "(not in the cache)");
    }
}
