SELECT p.id, jsonb_build_object(
  'id', p.id::text,
  'name', (SELECT name FROM product_translation WHERE "baseId" = p.id AND "languageCode" = 'en'
           ORDER BY id LIMIT 1),
  'name_de', (SELECT name FROM product_translation WHERE "baseId" = p.id
                AND "languageCode" IN ('de', 'en') ORDER BY "languageCode" = 'en', id LIMIT 1),
  'slugs', (SELECT jsonb_object_agg("languageCode", slug ORDER BY id DESC)
            FROM product_translation WHERE "baseId" = p.id),
  'description', (SELECT description FROM product_translation WHERE "baseId" = p.id
                    AND "languageCode" = 'en' ORDER BY id LIMIT 1),
  'erp', "customFieldsErp", 'badges', "customFieldsBadges"::jsonb,
  'created', floor(extract(epoch FROM "createdAt")),
  'preview', (SELECT preview FROM asset WHERE asset.id = p."featuredAssetId"),
  'assets', coalesce((SELECT jsonb_agg(preview ORDER BY l.position, l.id) FROM product_asset l
                        JOIN asset a ON a.id = "assetId" WHERE "productId" = p.id), '[]'),
  'options', coalesce((
    SELECT jsonb_agg(jsonb_build_object('code', code,
      'name', (SELECT name FROM product_option_group_translation
               WHERE "baseId" = g.id AND "languageCode" = 'en' ORDER BY id LIMIT 1),
      'values', coalesce((SELECT jsonb_agg(code ORDER BY id) FROM product_option
                          WHERE "groupId" = g.id AND "deletedAt" IS NULL), '[]'))
      ORDER BY code, id)
    FROM product_option_group g WHERE "productId" = p.id AND "deletedAt" IS NULL), '[]'),
  'variants', coalesce((
    SELECT jsonb_agg(jsonb_build_object('sku', sku,
      'name', (SELECT name FROM product_variant_translation
               WHERE "baseId" = v.id AND "languageCode" = 'de' ORDER BY id LIMIT 1),
      'price', (SELECT price / 100.0 FROM product_variant_price WHERE "variantId" = v.id
                  AND "channelId" = 1 AND "currencyCode" = 'EUR' ORDER BY id LIMIT 1),
      'options', (
        SELECT jsonb_object_agg(g.code, t.name ORDER BY o.id DESC)
        FROM product_variant_options_product_option l
          JOIN product_option o ON o.id = "productOptionId"
          JOIN product_option_group g ON g.id = "groupId"
          JOIN LATERAL (SELECT name FROM product_option_translation WHERE "baseId" = o.id
                          AND "languageCode" = 'en' ORDER BY id LIMIT 1) t ON true
        WHERE "productVariantId" = v.id),
      'stock', (SELECT coalesce(sum(greatest("stockOnHand" - "stockAllocated", 0)), 0)
                FROM stock_level WHERE "productVariantId" = v.id)) ORDER BY v.id)
    FROM product_variant v WHERE "productId" = p.id AND enabled AND "deletedAt" IS NULL), '[]'),
  'price', (SELECT min(price) / 100.0 FROM product_variant v
              JOIN product_variant_price ON "variantId" = v.id
            WHERE "productId" = p.id AND enabled AND "deletedAt" IS NULL AND "channelId" = 1
              AND "currencyCode" = 'EUR'),
  'price_usd', (SELECT max(price) / 100.0 FROM product_variant v
                    JOIN product_variant_price ON "variantId" = v.id
                    JOIN channel c ON c.id = "channelId"
                  WHERE "productId" = p.id AND enabled AND "deletedAt" IS NULL
                    AND "currencyCode" = "defaultCurrencyCode" AND NOT "pricesIncludeTax"),
  'range', (
    SELECT jsonb_build_object('lowest', min(price * 1.19 / 100), 'mean', avg(price))
    FROM product_variant v JOIN product_variant_price ON "variantId" = v.id
    WHERE "productId" = p.id AND "deletedAt" IS NULL AND "channelId" = 1),
  'in_stock', EXISTS (
    SELECT FROM product_variant v WHERE "productId" = p.id AND enabled AND "deletedAt" IS NULL
      AND ("trackInventory" = 'FALSE'
        OR (SELECT coalesce(sum("stockOnHand" - "stockAllocated"), 0) FROM stock_level
            WHERE "productVariantId" = v.id) > "outOfStockThreshold")),
  'variant_facets', coalesce((
    SELECT jsonb_agg(code ORDER BY first) FROM (
      SELECT code, min(number) AS first FROM (
        SELECT code, row_number() OVER (ORDER BY v.id, f.id) AS number
        FROM product_variant v
          JOIN product_variant_facet_values_facet_value ON "productVariantId" = v.id
          JOIN facet_value f ON f.id = "facetValueId"
        WHERE "productId" = p.id) AS numbered GROUP BY code) AS firsts), '[]'),
  'collections', coalesce((
    SELECT jsonb_agg(slug ORDER BY first) FROM (
      SELECT slug, min(number) AS first FROM (
        SELECT slug, row_number() OVER (ORDER BY v.id, c.id, t.id) AS number
        FROM product_variant v
          JOIN collection_product_variants_product_variant ON "productVariantId" = v.id
          JOIN collection c ON c.id = "collectionId"
          JOIN collection_translation t ON t."baseId" = c.id
        WHERE "productId" = p.id AND enabled AND NOT "isPrivate" AND NOT "isRoot"
          AND "languageCode" = 'en') AS numbered GROUP BY slug) AS firsts), '[]'),
  'all_collections', coalesce((
    SELECT jsonb_agg(name ORDER BY first) FROM (
      SELECT name, min(number) AS first FROM (
        SELECT t.name, row_number() OVER (ORDER BY v.id, l."collectionId", c.id, t.id) AS number
        FROM product_variant v
          JOIN collection_product_variants_product_variant l ON "productVariantId" = v.id
          JOIN collection_closure ON id_descendant = l."collectionId"
          JOIN collection c ON c.id = id_ancestor
          JOIN collection_translation t ON t."baseId" = c.id
        WHERE "productId" = p.id AND enabled AND NOT "isRoot" AND "languageCode" = 'de')
        AS numbered GROUP BY name) AS firsts), '[]'),
  'levels', (
    WITH RECURSIVE named AS (
      SELECT c.*, (SELECT array_agg(name) FROM (
        SELECT name FROM collection_translation WHERE "baseId" = c.id AND "languageCode" = 'de'
        ORDER BY id LIMIT 1) AS de) AS names FROM collection c),
    up AS (
      SELECT row_number() OVER (ORDER BY v.id, c.id) AS leaf, c."parentId", names
      FROM product_variant v
        JOIN collection_product_variants_product_variant ON "productVariantId" = v.id
        JOIN named c ON c.id = "collectionId"
      WHERE "productId" = p.id AND enabled AND NOT "isPrivate"
      UNION ALL
      SELECT leaf, c."parentId", c.names || up.names FROM up JOIN named c ON c.id = up."parentId"),
    path AS (
      SELECT n, array_to_string(names[1:n], ' / ') AS path, min(leaf) AS leaf
      FROM up, generate_series(1, cardinality(names)) n WHERE "parentId" IS NULL GROUP BY 1, 2),
    level AS (SELECT n, jsonb_agg(path ORDER BY leaf) AS paths FROM path GROUP BY n)
    SELECT jsonb_object_agg('lvl' || n - 1, paths) FROM level),
  'ancestors', coalesce((
    WITH RECURSIVE up AS (
      SELECT row_number() OVER (ORDER BY v.id, c.id) AS leaf, 0 AS depth, c.id, c."parentId"
      FROM product_variant v
        JOIN collection_product_variants_product_variant ON "productVariantId" = v.id
        JOIN collection c ON c.id = "collectionId"
      WHERE "productId" = p.id
      UNION ALL
      SELECT leaf, depth + 1, c.id, c."parentId" FROM up JOIN collection c ON c.id = up."parentId"),
    numbered AS (
      SELECT slug, row_number() OVER (ORDER BY leaf, depth DESC) AS number
      FROM up JOIN LATERAL (
        SELECT slug FROM collection_translation WHERE "baseId" = up.id AND "languageCode" = 'en'
        ORDER BY id LIMIT 1) AS t ON true),
    firsts AS (SELECT slug, min(number) AS first FROM numbered GROUP BY slug)
    SELECT jsonb_agg(slug ORDER BY first) FROM firsts), '[]'),
  'languages', coalesce((
    SELECT jsonb_agg(language ORDER BY first) FROM (
      SELECT language, min(c.id * 100 + n) AS first FROM product_channels_channel
        JOIN channel c ON c.id = "channelId", string_to_table("availableLanguageCodes", ',')
          WITH ORDINALITY AS t (language, n)
      WHERE "productId" = p.id GROUP BY language) AS firsts), '[]'),
  'words', coalesce((
    SELECT jsonb_agg(code ORDER BY first) FROM (
      SELECT code, min(ARRAY[number, one, other]) AS first FROM (
        SELECT 1, f.id, 0, code FROM product_facet_values_facet_value
          JOIN facet_value f ON f.id = "facetValueId" WHERE "productId" = p.id
        UNION ALL SELECT 2, v.id, f.id, code FROM product_variant v
          JOIN product_variant_facet_values_facet_value ON "productVariantId" = v.id
          JOIN facet_value f ON f.id = "facetValueId" WHERE "productId" = p.id
        UNION ALL SELECT 3, g.id, o.id, o.code FROM product_option_group g
          JOIN product_option o ON "groupId" = g.id WHERE "productId" = p.id)
        AS words (number, one, other, code) GROUP BY code) AS firsts), '[]'),
  'channels', coalesce((SELECT jsonb_agg(code ORDER BY c.id) FROM product_channels_channel
                          JOIN channel c ON c.id = "channelId" WHERE "productId" = p.id), '[]')) ||
  coalesce((
    SELECT jsonb_object_agg('facet_' || code, names) FROM (
      SELECT f.code, jsonb_agg(t.name ORDER BY v.id) AS names
      FROM product_facet_values_facet_value JOIN facet_value v ON v.id = "facetValueId"
        JOIN facet f ON f.id = v."facetId"
        JOIN LATERAL (SELECT name FROM facet_value_translation WHERE "baseId" = v.id
                        AND "languageCode" = 'en' ORDER BY id LIMIT 1) t ON true
      WHERE "productId" = p.id AND NOT "isPrivate" GROUP BY f.code) AS facets), '{}')
FROM product p WHERE enabled AND "deletedAt" IS NULL AND EXISTS (
  SELECT FROM product_channels_channel WHERE "productId" = p.id AND "channelId" = 1)
