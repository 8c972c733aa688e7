-- Vendure's tables, written anew from the facts. TypeORM's names are in camel case, and no text
-- stands where it is used: each language has a row. A join table's key is all that it has.

CREATE TABLE channel (id serial PRIMARY KEY, code varchar NOT NULL UNIQUE, token varchar,
  "defaultLanguageCode" varchar NOT NULL, "availableLanguageCodes" text,
  "defaultCurrencyCode" varchar NOT NULL, "pricesIncludeTax" boolean NOT NULL);
CREATE TABLE asset (id serial PRIMARY KEY, "createdAt" timestamp(6) NOT NULL DEFAULT now(),
  name varchar NOT NULL, type varchar NOT NULL DEFAULT 'IMAGE', width integer NOT NULL DEFAULT 0,
  height integer NOT NULL DEFAULT 0, source varchar NOT NULL, preview varchar NOT NULL,
  "focalPoint" text);
CREATE TABLE product (id serial PRIMARY KEY, "createdAt" timestamp(6) NOT NULL DEFAULT now(),
  "updatedAt" timestamp(6) NOT NULL DEFAULT now(), "deletedAt" timestamp,
  enabled boolean NOT NULL DEFAULT true, "featuredAssetId" integer REFERENCES asset
    ON DELETE SET NULL, "customFieldsErp" varchar, "customFieldsBadges" text);
CREATE TABLE product_translation (id serial PRIMARY KEY, "languageCode" varchar NOT NULL,
  name varchar NOT NULL, slug varchar NOT NULL, description text NOT NULL DEFAULT '',
  "baseId" integer REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE product_asset (id serial PRIMARY KEY, "assetId" integer NOT NULL REFERENCES asset
    ON DELETE CASCADE, position integer NOT NULL,
  "productId" integer NOT NULL REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE product_channels_channel (
  "productId" integer REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
  "channelId" integer REFERENCES channel ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY ("productId", "channelId"));

CREATE TABLE product_variant (id serial PRIMARY KEY, "deletedAt" timestamp,
  enabled boolean NOT NULL DEFAULT true, sku varchar NOT NULL,
  "outOfStockThreshold" integer NOT NULL DEFAULT 0,
  "trackInventory" varchar NOT NULL DEFAULT 'INHERIT',
  "featuredAssetId" integer REFERENCES asset ON DELETE SET NULL,
  "productId" integer REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE product_variant_translation (id serial PRIMARY KEY, "languageCode" varchar NOT NULL,
  name varchar NOT NULL,
  "baseId" integer REFERENCES product_variant ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE product_variant_price (id serial PRIMARY KEY, "currencyCode" varchar NOT NULL,
  "channelId" integer, price integer NOT NULL,
  "variantId" integer REFERENCES product_variant ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE stock_location (id serial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE stock_level (id serial PRIMARY KEY, "stockOnHand" integer NOT NULL,
  "stockAllocated" integer NOT NULL,
  "productVariantId" integer NOT NULL REFERENCES product_variant
    ON UPDATE CASCADE ON DELETE CASCADE,
  "stockLocationId" integer NOT NULL REFERENCES stock_location ON DELETE CASCADE);

CREATE TABLE product_option_group (id serial PRIMARY KEY, "deletedAt" timestamp,
  code varchar NOT NULL,
  "productId" integer REFERENCES product ON UPDATE CASCADE ON DELETE SET NULL);
CREATE TABLE product_option_group_translation (id serial PRIMARY KEY,
  "languageCode" varchar NOT NULL, name varchar NOT NULL,
  "baseId" integer REFERENCES product_option_group ON DELETE CASCADE);
CREATE TABLE product_option (id serial PRIMARY KEY, "deletedAt" timestamp, code varchar NOT NULL,
  "groupId" integer NOT NULL REFERENCES product_option_group ON DELETE CASCADE);
CREATE TABLE product_option_translation (id serial PRIMARY KEY, "languageCode" varchar NOT NULL,
  name varchar NOT NULL, "baseId" integer REFERENCES product_option ON DELETE CASCADE);
CREATE TABLE product_variant_options_product_option (
  "productVariantId" integer REFERENCES product_variant ON UPDATE CASCADE ON DELETE CASCADE,
  "productOptionId" integer REFERENCES product_option ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY ("productVariantId", "productOptionId"));

CREATE TABLE facet (id serial PRIMARY KEY, "isPrivate" boolean NOT NULL DEFAULT false,
  code varchar NOT NULL UNIQUE);
CREATE TABLE facet_translation (id serial PRIMARY KEY, "languageCode" varchar NOT NULL,
  name varchar NOT NULL, "baseId" integer REFERENCES facet ON DELETE CASCADE);
CREATE TABLE facet_value (id serial PRIMARY KEY, code varchar NOT NULL,
  "facetId" integer REFERENCES facet ON DELETE CASCADE);
CREATE TABLE facet_value_translation (id serial PRIMARY KEY, "languageCode" varchar NOT NULL,
  name varchar NOT NULL,
  "baseId" integer REFERENCES facet_value ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE product_facet_values_facet_value (
  "productId" integer REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
  "facetValueId" integer REFERENCES facet_value ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY ("productId", "facetValueId"));
CREATE TABLE product_variant_facet_values_facet_value (
  "productVariantId" integer REFERENCES product_variant ON UPDATE CASCADE ON DELETE CASCADE,
  "facetValueId" integer REFERENCES facet_value ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY ("productVariantId", "facetValueId"));

CREATE TABLE collection (id serial PRIMARY KEY, "isRoot" boolean NOT NULL DEFAULT false,
  position integer NOT NULL, "isPrivate" boolean NOT NULL DEFAULT false,
  filters text NOT NULL DEFAULT '[]', "inheritFilters" boolean NOT NULL DEFAULT true,
  "parentId" integer REFERENCES collection ON DELETE CASCADE);
CREATE TABLE collection_translation (id serial PRIMARY KEY, "languageCode" varchar NOT NULL,
  name varchar NOT NULL, slug varchar NOT NULL, description text NOT NULL DEFAULT '',
  "baseId" integer REFERENCES collection ON DELETE CASCADE);
CREATE TABLE collection_closure (id_ancestor integer REFERENCES collection ON DELETE CASCADE,
  id_descendant integer REFERENCES collection ON DELETE CASCADE,
  PRIMARY KEY (id_ancestor, id_descendant));
CREATE TABLE collection_product_variants_product_variant (
  "collectionId" integer REFERENCES collection ON DELETE CASCADE,
  "productVariantId" integer REFERENCES product_variant ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY ("collectionId", "productVariantId"));

-- Every collection with each of those above it, and with itself.
CREATE FUNCTION write_closure() RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE up AS (
    SELECT id AS id_ancestor, id AS id_descendant FROM collection
    UNION ALL
    SELECT c."parentId", id_descendant FROM up JOIN collection c ON c.id = id_ancestor
    WHERE c."parentId" IS NOT NULL),
  gone AS (
    DELETE FROM collection_closure WHERE (id_ancestor, id_descendant) NOT IN (TABLE up))
  INSERT INTO collection_closure TABLE up ON CONFLICT DO NOTHING $$;
